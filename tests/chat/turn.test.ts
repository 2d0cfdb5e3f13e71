import { expect, test } from "bun:test";

import { Turn } from "../../src/chat/turn.ts";

function createTurn(abandonedGraceMs = 60_000): Turn {
  return new Turn({ id: "t_1", sessionId: "s", conversationId: "c_1", abandonedGraceMs });
}

const DONE = { type: "done", message: "ab", conversationId: "c_1", finishReason: "stop" } as const;

test("a reader gets what is there in one batch, then what is published, then the end", async () => {
  const turn = createTurn();
  turn.append({ type: "token", token: "a" });
  turn.append({ type: "token", token: "b" });
  const reader = turn.read(0);
  expect((await reader.next()).value?.events).toHaveLength(2);
  const next = reader.next();
  turn.end(DONE);
  expect((await next).value).toEqual({ after: 2, events: [DONE] });
  expect((await reader.next()).done).toBe(true);
});

test("a reader may begin in the middle, and after the end", async () => {
  const turn = createTurn();
  turn.append({ type: "token", token: "a" });
  turn.end(DONE);
  expect((await turn.read(1).next()).value).toEqual({ after: 1, events: [DONE] });
  expect((await turn.read(2).next()).done).toBe(true);
});

test("a nudge resolves a waiting reader with nothing", async () => {
  const turn = createTurn();
  const reader = turn.read(0);
  const next = reader.next();
  reader.nudge();
  expect((await next).value).toEqual({ after: 0, events: [] });
  turn.end(DONE);
});

test("a signal closes its reader at once, also one that had aborted before", async () => {
  const turn = createTurn();
  const controller = new AbortController();
  const reader = turn.read(0, controller.signal);
  const next = reader.next();
  controller.abort();
  expect((await next).done).toBe(true);
  expect((await turn.read(0, controller.signal).next()).done).toBe(true);
  turn.end(DONE);
});

test("a turn that nobody reads is abandoned after the grace, from its very beginning", async () => {
  const turn = createTurn(5);
  await new Promise((resolve) => turn.signal.addEventListener("abort", resolve));
  expect(turn.abortReason).toBe("abandoned");
});

test("a reader in time keeps the turn alive", async () => {
  const turn = createTurn(15);
  turn.read(0).close();
  const reader = turn.read(0);
  await Bun.sleep(40);
  expect(turn.abortReason).toBeUndefined();
  reader.close();
  await new Promise((resolve) => turn.signal.addEventListener("abort", resolve));
});

test("the first reason to abort stays, and the end is the end", () => {
  const turn = createTurn();
  turn.abort("stopped");
  turn.abort("draining");
  expect(turn.abortReason).toBe("stopped");
  const ended = createTurn();
  ended.end(DONE);
  ended.abort("stopped");
  expect(ended.abortReason).toBeUndefined();
});

test("the conclusion is the last event, for those who wait and those who come later", async () => {
  const turn = createTurn();
  const waiting = turn.conclusion();
  const controller = new AbortController();
  const leaving = turn.conclusion(controller.signal);
  controller.abort();
  expect(await leaving).toBeUndefined();
  turn.end(DONE);
  expect(await waiting).toEqual(DONE);
  expect(await turn.conclusion()).toEqual(DONE);
});
