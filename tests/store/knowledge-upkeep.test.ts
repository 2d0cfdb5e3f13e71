import { afterEach, beforeEach, expect, jest, test } from "bun:test";

import { KnowledgeUpkeep } from "../../src/store/knowledge-upkeep.ts";

/** What each call answers: whether it was done, or an error. */
let script: (boolean | Error)[];
let calls: number;
let errors: string[];
let loop: { isBehind: boolean };
let upkeep: KnowledgeUpkeep;

beforeEach(() => {
  jest.useFakeTimers();
  [script, calls, errors, loop] = [[], 0, [], { isBehind: false }];
  upkeep = new KnowledgeUpkeep({
    store: {
      async tendKnowledge() {
        calls += 1;
        const answer = script.shift() ?? true;
        if (answer instanceof Error) throw answer;
        return { isDone: answer };
      },
    },
    loop,
    log: { error: (message) => errors.push(message) },
    intervalMs: 60_000,
  });
});

afterEach(async () => {
  await upkeep.stop();
  jest.useRealTimers();
});

async function pass(ms: number): Promise<void> {
  jest.advanceTimersByTime(ms);
  for (let turn = 0; turn < 5; turn += 1) await Promise.resolve();
}

test("the index is tended step by step until it is done, and again after a while", async () => {
  script = [false, false, true];
  await pass(1000);
  expect(calls).toBe(0);
  for (let n = 0; n < 3; n += 1) await pass(2000);
  expect(calls).toBe(3);
  await pass(50_000);
  expect(calls).toBe(3);
  await pass(10_000);
  expect(calls).toBe(4);
  expect(errors).toEqual([]);
});

test("the index waits while the event loop is behind", async () => {
  loop.isBehind = true;
  for (let n = 0; n < 5; n += 1) await pass(2000);
  expect(calls).toBe(0);
  loop.isBehind = false;
  await pass(2000);
  expect(calls).toBe(1);
});

test("an error is logged, and the index is tended again later", async () => {
  script = [new Error("disk full"), true];
  await pass(2000);
  expect(errors).toHaveLength(1);
  await pass(60_000);
  expect(calls).toBe(2);
});

test("a stop ends it", async () => {
  script = [false, false];
  await pass(2000);
  await upkeep.stop();
  await pass(600_000);
  expect(calls).toBe(1);
});
