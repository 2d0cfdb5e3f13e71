import { dirname } from "node:path";

/**
 * A macro: import it `with { type: "macro" }`, and the bundle of a browser entry point becomes a string
 * in whatever is built or run, so that the binary carries its client code and nothing is generated into
 * the source tree. Bun.build would deadlock inside a macro, hence the process.
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

/** A macro like bundleClient: the gzip of the bundle, as base64. At build time, because the best takes its time. */
export function gzipClient(entry: string): string {
  return Bun.gzipSync(bundleClient(entry), { library: "libdeflate", level: 12 }).toBase64();
}
