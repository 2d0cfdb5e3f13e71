import { expect, test } from "bun:test";

import type { BusState } from "../../src/peers/bus-state.ts";
import { warnOfOldServer } from "../../src/peers/old-server.ts";

type Product = BusState["product"];

async function warningsOf(product: Product, version: string | undefined): Promise<string[]> {
  const state = { product, version, memoryShare: undefined, refusals: [], isHeard: true };
  const warnings: string[] = [];
  const log = {
    warn: (event: string, fields: unknown) => void warnings.push(event + JSON.stringify(fields)),
  };
  await warnOfOldServer(async () => state, log);
  return warnings;
}

test.each([
  ["Redis", "6.2.14", "version 7 or newer"],
  ["Valkey", "7.2.8", "version 8 or newer"],
] as const)(
  "a start warns of %s %s, which is too old, and says what to do",
  async (product, version, mend) => {
    expect(await warningsOf(product, version)).toEqual([expect.stringContaining(mend)]);
  },
);

test.each([
  ["Redis", "7.0.15"],
  ["Redis", "10.0.0"],
  ["Valkey", "8.0.1"],
  ["Redis", undefined],
] as const)("a start says nothing of %s %s", async (product, version) => {
  expect(await warningsOf(product, version)).toEqual([]);
});

test("a start goes on while nobody can say how old the server is", async () => {
  let warnings = 0;
  const away = () => Promise.reject(new Error("nothing listens there"));
  await warnOfOldServer(away, { warn: () => void warnings++ });
  expect(warnings).toBe(0);
});
