import { expect, test } from "bun:test";

import { checkDatabase } from "../../src/doctor/database.ts";
import type { DatabaseState } from "../../src/store/store.ts";

const MAX_BYTES = 10_000_000;

const holding = (usedBytes: number) => (): Promise<DatabaseState> =>
  Promise.resolve({
    kind: "found",
    schema: 4,
    knownSchema: 4,
    damages: [],
    sizeBytes: 20_000_000,
    usedBytes,
    builtShare: 1,
    isReadableByOthers: false,
  });

test.each([
  [7_900_000, "ok", "whole"],
  [8_500_000, "warning", "85 %"],
  // Beyond this, the server answers every question with 503.
  [10_000_000, "wrong", "new questions are refused"],
] as const)("a database that holds %d of 10,000,000 bytes is %s", async (usedBytes, mark, says) => {
  const findings = await checkDatabase("chat.db", holding(usedBytes), MAX_BYTES);
  expect(findings.at(-1)).toMatchObject({ mark, says: expect.stringContaining(says) });
});
