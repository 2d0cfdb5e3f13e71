import { widgetSizes } from "../src/assets/widget-files.ts";

/** The functions that a start of the server uses, recorded by record-start.ts. */
export const START_ORDER = "scripts/start.order";

/** A system that Bun can compile for, such as `bun-linux-arm64`. */
export type Target = Bun.Build.CompileTarget;

/**
 * Compiles chatporch into one binary. Without a target it is for this system. Returns what is wrong, a line
 * each; nothing when the binary is there.
 */
export async function compileBinary(outfile: string, target?: Target): Promise<readonly string[]> {
  const { lines, isWithin } = widgetSizes();
  if (!isWithin) return ["A file of the widget is too large.", ...lines];
  const { success, logs } = await Bun.build({
    entrypoints: ["src/main.ts"],
    // Bun would read bunfig.toml and .env from the working directory. Both can run code first or change how
    // the binary runs. src/config/dot-env.ts reads the settings in .env.
    compile: {
      outfile,
      autoloadBunfig: false,
      autoloadDotenv: false,
      // The bytecode of these functions is laid out together, so that a start reads, and an idle server keeps
      // in memory, 3 MB less of the binary.
      bytecodeOrder: START_ORDER,
      ...(target && { target }),
    },
    // Split, so that the first of the binary's two starts (see setUpRuntime) loads only what it needs.
    format: "esm",
    splitting: true,
    bytecode: true,
    // Identifiers are kept, because Elysia reads the source of handlers to learn what they use.
    minify: { whitespace: true, syntax: true },
  });
  return success ? [] : logs.map(String);
}
