// Builds static/promql_editor.js from src/. The same sources and lock file give the same bytes on every machine.
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

await build({
  entryPoints: ["src/index.ts"],
  outfile: process.argv[2] ?? "../../../static/promql_editor.js",
  bundle: true,
  format: "esm",
  target: "es2022",
  minify: true,
  charset: "utf8",
  legalComments: "none", // the licences lie beside the bundle
  // The HTTP client and its cache are not used: the browser asks Python only.
  alias: { "lru-cache": "./src/no_cache.ts" },
  banner: { js: "// Built from lib/ui/editor; licences in promql_editor.LICENSES.txt." },
  absWorkingDir: fileURLToPath(new URL(".", import.meta.url)),
  logLevel: "warning",
});
