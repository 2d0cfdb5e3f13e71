import { statSync } from "node:fs";

import { MAX_WIDGET_GZIP_BYTES, widgetAsset } from "../src/assets/widget.ts";

/** Compiles chatporch into one binary. Usage: bun scripts/build.ts [OUTFILE] */
const outfile = process.argv[2] ?? "dist/chatporch";

const widgetBytes = widgetAsset.gzip.length;
console.log(`widget: ${widgetBytes} of ${MAX_WIDGET_GZIP_BYTES} bytes, gzipped`);
if (widgetBytes > MAX_WIDGET_GZIP_BYTES) process.exit(1);

const result = await Bun.build({
  entrypoints: ["src/main.ts"],
  // What a bunfig.toml or an .env of the working directory names would run first, or change how it runs.
  // The settings in .env are read by src/config/dot-env.ts.
  compile: { outfile, autoloadBunfig: false, autoloadDotenv: false },
  // In pieces, so that the first of its two starts (see setUpRuntime) loads only what it needs.
  format: "esm",
  splitting: true,
  bytecode: true,
  // Not identifiers: Elysia reads the text of handlers to learn what they use.
  minify: { whitespace: true, syntax: true },
});
for (const log of result.logs) console.error(log);
if (!result.success) process.exit(1);
console.log(`${outfile}: ${Math.round(statSync(outfile).size / 1e6)} MB`);
