import { dirname } from "node:path";

interface BundleOptions {
  /** `iife` for a script tag, `esm` for a file that is imported and exports something. */
  readonly format: "iife" | "esm";
  /** Constants, by the names that the source declares them under. */
  readonly constants?: Readonly<Record<string, string>>;
}

/**
 * Bundles a browser entry point. It is a macro: import it `with { type: "macro" }`, and Bun replaces the call
 * by the bundle as a string. The binary thus contains its client code, and no generated file is in the source
 * tree. The bundle is built in another process because Bun.build would deadlock inside a macro.
 * @param entry path from `src/`, `./dashboard/client.ts`
 */
export function bundleClient(
  entry: string,
  { format, constants = {} }: BundleOptions = { format: "iife" },
): string {
  const defines = Object.entries(constants).flatMap(([name, text]) => [
    "--define",
    `${name}=${JSON.stringify(text)}`,
  ]);
  const build = Bun.spawnSync(
    [
      process.execPath,
      "build",
      entry,
      "--target=browser",
      `--format=${format}`,
      "--minify",
      ...defines,
    ],
    { cwd: dirname(import.meta.dir) },
  );
  if (!build.success) throw new Error(`Bundling ${entry} failed:\n${build.stderr.toString()}`);
  return build.stdout.toString();
}
