import { dirname } from "node:path";

/**
 * Bundles a browser entry point. It is a macro: import it `with { type: "macro" }`, and Bun replaces the call
 * by the bundle as a string. The binary thus contains its client code, and no generated file is in the source
 * tree. The bundle is built in another process because Bun.build would deadlock inside a macro.
 * @param entry path from `src/`, `./widget/main.ts`
 */
export function bundleClient(entry: string): string {
  const build = Bun.spawnSync(
    [process.execPath, "build", entry, "--target=browser", "--format=iife", "--minify"],
    { cwd: dirname(import.meta.dir) },
  );
  if (!build.success) throw new Error(`Bundling ${entry} failed:\n${build.stderr.toString()}`);
  return build.stdout.toString();
}

/**
 * A macro like bundleClient: the gzipped bundle, as base64. Compressed at build time, because the best level
 * would slow down every start.
 */
export function gzipClient(entry: string): string {
  return Bun.gzipSync(bundleClient(entry), { library: "libdeflate", level: 12 }).toBase64();
}
