import { statSync } from "node:fs";

import { widgetSizes } from "../src/assets/widget-files.ts";
import { compileBinary, type Target } from "./binary.ts";

/**
 * Compiles chatporch into one binary, for this system or for another one.
 * Usage: bun scripts/build.ts [OUTFILE [TARGET]]
 */
const [, , outfile = "dist/chatporch", target] = process.argv;

for (const line of widgetSizes().lines) console.log(line);
// Bun refuses a target that it does not know.
const problems = await compileBinary(outfile, target as Target | undefined);
for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exit(1);
console.log(`${outfile}: ${Math.round(statSync(outfile).size / 1e6)} MB`);
