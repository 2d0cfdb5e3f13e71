import { afterEach, expect, test } from "bun:test";
import { join } from "node:path";

import { cleanUp, temporaryFolder } from "../../harness/process.ts";
import { checkDisk, judgeSpace } from "../../src/doctor/disk.ts";

afterEach(cleanUp);

test.each([
  [50_000_000_000, "ok"],
  [500_000_000, "warning"],
  [50_000_000, "wrong"],
] as const)("%d free bytes are %s", (freeBytes, mark) => {
  expect(judgeSpace("/data", freeBytes).mark).toBe(mark);
});

test("a folder that does not exist yet counts as the folder it will be made in", () => {
  const folder = temporaryFolder();
  const [finding] = checkDisk(join(folder, "not/yet/chatporch.db"));
  expect(finding?.says).toEndWith(`free at ${folder}`);
});
