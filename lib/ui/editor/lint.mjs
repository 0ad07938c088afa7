// What the editor's linter says about queries: a JSON list of texts on standard input, on standard output a list with
// {at, message} of the first complaint about each, or null. `docs/promql/make.py` holds it against Prometheus.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = fileURLToPath(new URL(".", import.meta.url));
const outdir = mkdtempSync(`${here}node_modules/.lint-`);
try {
  await build({
    entryPoints: [`${here}src/lint.ts`],
    outfile: `${outdir}/lint.mjs`,
    bundle: true,
    format: "esm",
    platform: "browser", // the same files of the packages as in the bundle
    target: "node18",
    alias: { "lru-cache": "./src/no_cache.ts" },
    absWorkingDir: here,
    logLevel: "warning",
  });
  const { complaints } = await import(`${outdir}/lint.mjs`);
  const first = (text) => complaints(text).reduce((a, b) => (a && a.from <= b.from ? a : b), null);
  const said = JSON.parse(readFileSync(0, "utf8")).map((text) => {
    const found = first(text);
    return found && { at: found.from, message: found.message };
  });
  process.stdout.write(JSON.stringify(said));
} finally {
  rmSync(outdir, { recursive: true });
}
