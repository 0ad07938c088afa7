// Runs test/*.test.ts with Node's own test runner, after esbuild has turned them into JavaScript.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = fileURLToPath(new URL(".", import.meta.url));
const outdir = mkdtempSync(`${here}node_modules/.test-`);
try {
  await build({
    entryPoints: readdirSync(`${here}test`).map((name) => `${here}test/${name}`),
    outdir,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    format: "esm",
    platform: "browser", // the same files of the packages as in the bundle
    external: ["node:*"],
    target: "node18",
    alias: { "lru-cache": "./src/no_cache.ts" },
    absWorkingDir: here,
    logLevel: "warning",
  });
  const files = readdirSync(outdir).map((name) => `${outdir}/${name}`);
  process.exitCode = spawnSync(process.execPath, ["--test", ...files], { stdio: "inherit" }).status ?? 1;
} finally {
  rmSync(outdir, { recursive: true });
}
