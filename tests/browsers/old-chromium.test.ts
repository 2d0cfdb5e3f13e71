import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { chmodSync, existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { brotliDecompressSync } from "node:zlib";

import { cleanUp, temporaryFolder } from "../../harness/process.ts";

/**
 * The widget in a browser as old as those that it says it works in: Chromium 106, as @sparticuz/chromium packs it. A
 * process can drive one browser, so the tests run in another one.
 */

const PACKAGE = resolve(import.meta.dir, "node_modules/@sparticuz/chromium");
const isHere = existsSync(PACKAGE);

if (!isHere) {
  const advice = "no old Chromium found (bun install --cwd tests/browsers)";
  if (process.env.REQUIRE_BROWSERS === "1") throw new Error(`REQUIRE_BROWSERS=1, but ${advice}`);
  console.warn(`\nTests in an old Chromium are SKIPPED: ${advice}\n`);
}

/** Those of the widget's tests that show what every visitor does, and how it looks. */
const TESTS =
  "answers a visitor|stops an answer|retried|after a reload|connection drops|names a wrong setting of its look|passes axe|back online|keyboard alone|speaks";

let program = "";

beforeAll(async () => {
  if (!isHere) return;
  program = join(temporaryFolder(), "chromium");
  const packed = await Bun.file(join(PACKAGE, "bin/chromium.br")).bytes();
  const unpacked = brotliDecompressSync(packed);
  expect(unpacked.includes("106.0.5249")).toBe(true);
  await Bun.write(program, unpacked);
  chmodSync(program, 0o755);
});
afterAll(cleanUp);

describe.skipIf(!isHere)("in Chromium 106, the widget", () => {
  test("passes its tests", async () => {
    const child = Bun.spawn(
      [process.execPath, "test", "--timeout", "60000", "tests/e2e/widget.test.ts", "-t", TESTS],
      {
        cwd: resolve(import.meta.dir, "../.."),
        env: { ...process.env, BUN_CHROME_PATH: program },
        stdout: "pipe",
        stderr: "pipe",
      },
    );
    const said = await new Response(child.stderr).text();
    expect({ exitCode: await child.exited, said }).toEqual({
      exitCode: 0,
      said: expect.stringMatching(/\n *(?:1[5-9]|2\d) pass\n/),
    });
  }, 180_000);
});
