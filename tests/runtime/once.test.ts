import { expect, test } from "bun:test";

import { once } from "../../src/runtime/once.ts";

test("what is made once is made when it is asked for first, and is the same for all", () => {
  let times = 0;
  const get = once(() => ({ number: ++times }));
  expect(times).toBe(0);
  expect(get()).toBe(get());
  expect(times).toBe(1);
});
