import { dirname, join } from "node:path";

import type { BundleJob } from "./bundle-job.ts";

type BundleOptions = Pick<BundleJob, "format" | "constants" | "privateNames">;

/**
 * Bundles a browser entry point. It is a macro: import it `with { type: "macro" }`, and Bun replaces the call
 * by the bundle as a string. The binary thus contains its client code, and no generated file is in the source
 * tree. The bundle is built in another process because Bun.build would deadlock inside a macro.
 * @param entry path from `src/`, `./dashboard/client.ts`
 */
export function bundleClient(entry: string, options: BundleOptions = { format: "iife" }): string {
  const job: BundleJob = { entry, ...options };
  const build = Bun.spawnSync(
    [process.execPath, "--no-install", join(import.meta.dir, "bundle-job.ts")],
    {
      cwd: dirname(import.meta.dir),
      stdin: Buffer.from(JSON.stringify(job)),
    },
  );
  if (!build.success) throw new Error(`Bundling ${entry} failed:\n${build.stderr.toString()}`);
  return build.stdout.toString();
}
