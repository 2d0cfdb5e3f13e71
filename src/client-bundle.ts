/**
 * A macro: import it `with { type: "macro" }`, and the bundle of a browser entry point becomes a string
 * in whatever is built or run, so that the binary carries its client code and nothing is generated into
 * the source tree. Bun.build would deadlock inside a macro, hence the process.
 * @param entry path from this folder, `./widget/main.ts`
 */
export function bundleClient(entry: string): string {
  const build = Bun.spawnSync(
    [process.execPath, "build", entry, "--target=browser", "--format=iife", "--minify"],
    { cwd: import.meta.dir },
  );
  if (!build.success) throw new Error(`Bundling ${entry} failed:\n${build.stderr.toString()}`);
  return build.stdout.toString();
}

/** A macro like bundleClient: the bundle's gzip, as base64. At its best it takes a start too long. */
export function gzipClient(entry: string): string {
  return Bun.gzipSync(bundleClient(entry), { level: 9 }).toBase64();
}
