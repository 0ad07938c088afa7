// Builds the editor from src/, and the list of whose work is in it. The same sources and lock file give the same bytes on
// every machine. Takes the folder to write to, by default static/.
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = fileURLToPath(new URL(".", import.meta.url));
const folder = process.argv[2] ?? fileURLToPath(new URL("../../../static", import.meta.url));

const { metafile } = await build({
  entryPoints: ["src/index.ts"],
  outfile: `${folder}/promql_editor.js`,
  bundle: true,
  format: "esm",
  target: "es2022",
  minify: true,
  charset: "utf8",
  metafile: true,
  legalComments: "none", // the licences lie beside the bundle
  // codemirror-promql's own HTTP client and its cache are not used: the browser asks Python only.
  alias: { "lru-cache": "./src/no_cache.ts" },
  banner: { js: "// Built from lib/ui/editor; whose work is in it: promql_editor.THIRD_PARTY_LICENSES.txt" },
  absWorkingDir: here,
  logLevel: "warning",
});
writeFileSync(`${folder}/promql_editor.THIRD_PARTY_LICENSES.txt`, notices(Object.keys(metafile.inputs)));

/** The packages that the bundle has code of, under each of their licences' texts. */
function notices(files) {
  const found = files.map((file) => /^node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1]).filter(Boolean);
  const texts = new Map();
  for (const name of [...new Set(found)].sort()) {
    const inside = `${here}node_modules/${name}`;
    const { version, license } = JSON.parse(readFileSync(`${inside}/package.json`, "utf8"));
    const file = readdirSync(inside).find((each) => /^licen[cs]e/i.test(each));
    const text = readFileSync(`${inside}/${file}`, "utf8").replaceAll("\r\n", "\n").trim();
    texts.set(text, [...(texts.get(text) ?? []), `${name} ${version} (${license})`]);
  }
  const parts = [...texts].map(([text, names]) => `${names.join("\n")}\n\n${text}\n`);
  return `promql_editor.js contains code of these packages.\n\n${parts.join(`\n${"-".repeat(80)}\n\n`)}`;
}
