import { afterEach, expect, test } from "bun:test";
import { copyFileSync } from "node:fs";
import { join, resolve } from "node:path";

import { cleanUp, temporaryFolder } from "../../harness/process.ts";
import type { BundleJob } from "../../src/assets/bundle-job.ts";
import { legible } from "../../src/widget/colour.ts";

const PROGRAM = resolve(import.meta.dir, "../../src/assets/bundle-job.ts");
const ENTRY = resolve(import.meta.dir, "../../src/widget/colour.ts");

afterEach(cleanUp);

function bundle(program: string, entry = ENTRY): string {
  const job: BundleJob = { entry, format: "esm" };
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

test("in a bundle, a regular expression that remembers a place in a text goes on from there", async () => {
  const folder = temporaryFolder();
  const entry = join(folder, "entry.ts");
  await Bun.write(
    entry,
    `
    const NEXT = /a/g;
    const WORD = /^[a-z]+$/;
    const $1 = "WORD";
    export const next = (text: string) => NEXT.exec(text)?.index;
    export const isWord = (text: string) => WORD.test(text) && text !== $1;
    `,
  );
  const file = join(folder, "built.js");
  await Bun.write(file, bundle(PROGRAM, entry));
  const { next, isWord } = await import(file);
  expect([next("a-a"), next("a-a"), next("a-a")]).toEqual([0, 2, undefined]);
  expect([isWord("word"), isWord("2")]).toEqual([true, false]);
});
