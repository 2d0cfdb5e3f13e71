import { statSync } from "node:fs";

import { MAX_WIDGET_GZIP_BYTES, widgetAsset } from "../src/assets/widget.ts";

/** Compiles chatporch into one binary. Usage: bun scripts/build.ts [OUTFILE] */
const outfile = process.argv[2] ?? "dist/chatporch";

const widgetBytes = widgetAsset.gzip.length;
console.log(`widget: ${widgetBytes} of ${MAX_WIDGET_GZIP_BYTES} bytes, gzipped`);
if (widgetBytes > MAX_WIDGET_GZIP_BYTES) process.exit(1);

const result = await Bun.build({
  entrypoints: ["src/main.ts"],
  // Bun would read bunfig.toml and .env from the working directory. Both can run code first or change how
  // the binary runs. src/config/dot-env.ts reads the settings in .env.
  compile: { outfile, autoloadBunfig: false, autoloadDotenv: false },
  // Split, so that the first of the binary's two starts (see setUpRuntime) loads only what it needs.
  format: "esm",
  splitting: true,
  bytecode: true,
  // Identifiers are kept, because Elysia reads the source of handlers to learn what they use.
  minify: { whitespace: true, syntax: true },
});
for (const log of result.logs) console.error(log);
if (!result.success) process.exit(1);
console.log(`${outfile}: ${Math.round(statSync(outfile).size / 1e6)} MB`);
