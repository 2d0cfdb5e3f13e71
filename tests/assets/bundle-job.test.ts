import { afterEach, expect, test } from "bun:test";
import { copyFileSync } from "node:fs";
import { join, resolve } from "node:path";

import { cleanUp, temporaryFolder } from "../../harness/process.ts";
import type { BundleJob } from "../../src/assets/bundle-job.ts";
import { legible } from "../../src/widget/colour.ts";

const PROGRAM = resolve(import.meta.dir, "../../src/assets/bundle-job.ts");
const ENTRY = resolve(import.meta.dir, "../../src/widget/colour.ts");

afterEach(cleanUp);

function bundle(program: string): string {
  const job: BundleJob = { entry: ENTRY, format: "esm" };
  const { stdout, stderr } = Bun.spawnSync([process.execPath, "--no-install", program], {
    cwd: temporaryFolder(),
    stdin: Buffer.from(JSON.stringify(job)),
  });
  expect(stderr.toString()).toBe("");
  return stdout.toString();
}

test("a bundle is smaller with what is installed for development, and does the same without it", async () => {
  const folder = temporaryFolder();
  // Nothing is installed beside the copy.
  const lonely = join(folder, "bundle-job.ts");
  copyFileSync(PROGRAM, lonely);
  const bundles = { small: bundle(PROGRAM), large: bundle(lonely) };
  expect(bundles.small.length).toBeLessThan(bundles.large.length);
  for (const [name, code] of Object.entries(bundles)) {
    const file = join(folder, `${name}.js`);
    await Bun.write(file, code);
    const built = await import(file);
    expect([name, built.legible([0.5, 0.6, 0.7], [1, 1, 1])]).toEqual([
      name,
      legible([0.5, 0.6, 0.7], [1, 1, 1]),
    ]);
  }
});
