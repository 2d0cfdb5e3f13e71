import { expect, test } from "bun:test";

import { loadOnce } from "../../src/runtime/load-once.ts";

test("what is loaded once is loaded by the first of many calls", async () => {
  let loads = 0;
  const load = loadOnce(async () => ++loads);
  expect(loads).toBe(0);
  expect(await Promise.all([load(), load()])).toEqual([1, 1]);
  expect(await load()).toBe(1);
});

test("what could not be loaded is tried again by the next call", async () => {
  let loads = 0;
  const load = loadOnce(async () => {
    if (++loads === 1) throw new Error("not now");
    return loads;
  });
  await expect(load()).rejects.toThrow("not now");
  expect(await load()).toBe(2);
});
