import { expect, test } from "bun:test";

import { loopTurnIsDue, turnOfItsOwn } from "../../src/runtime/event-loop-turn.ts";

/** Asks that many times in one turn of the event loop. Resolves with how many had to wait, after their wait. */
async function ask(times: number): Promise<number> {
  const turns = Array.from({ length: times }, () => loopTurnIsDue());
  await Promise.all(turns);
  return turns.filter((turn) => turn !== undefined).length;
}

/** Brings the module to its state after a turn in which few pieces asked. */
async function settle(): Promise<void> {
  let waited = 0;
  while (waited === 0) waited = await ask(1);
}

test("a few pieces of work do not wait, and of many pieces one waits now and then", async () => {
  await settle();
  expect(await ask(20)).toBe(0);
  let waited = 0;
  for (let n = 0; n < 320; n++) waited += await ask(1);
  expect(waited).toBe(10);
});

test("every piece of a crowd waits, so that timers run, until the crowd has gone", async () => {
  await settle();
  expect(await ask(100)).toBe(69);
  let hasFired = false;
  setTimeout(() => {
    hasFired = true;
  }, 0);
  // Without a turn of the event loop, this would never end.
  while (!hasFired) expect(await ask(40)).toBe(40);
  await settle();
  expect(await ask(20)).toBe(0);
});

test("of many callers that ask for a turn of their own, no two get the same", async () => {
  let turn = 0;
  let isCounting = true;
  const count = () => {
    turn += 1;
    if (isCounting) setImmediate(count);
  };
  count();
  const turns = await Promise.all(
    Array.from({ length: 20 }, () => turnOfItsOwn().then(() => turn)),
  );
  isCounting = false;
  expect(new Set(turns).size).toBe(20);
});
