import { expect, test } from "bun:test";

import { Turn } from "../../src/chat/turn.ts";

function createTurn(abandonedGraceMs = 60_000): Turn {
  return new Turn({ id: "t_1", sessionId: "s", conversationId: "c_1", abandonedGraceMs });
}

const NOBODY = { onEvents: () => {} };

function abortable() {
  const controller = new AbortController();
  return { signal: controller.signal, abort: () => controller.abort() };
}

const DONE = { type: "done", message: "ab", conversationId: "c_1", finishReason: "stop" } as const;

test("a reader gets what is there in one batch, then what is published, then the end", () => {
  const turn = createTurn();
  turn.append({ type: "token", token: "a" });
  turn.append({ type: "token", token: "b" });
  let told = 0;
  const reader = turn.read(0, { onEvents: () => told++ });
  expect(reader.take().events).toHaveLength(2);
  expect(reader.take().events).toEqual([]);
  expect(told).toBe(0);
  turn.end(DONE);
  expect(told).toBe(1);
  expect(reader.isDone).toBe(false);
  expect(reader.take()).toEqual({ after: 2, events: [DONE] });
  expect(reader.isDone).toBe(true);
});

test("a reader may begin in the middle, and after the end", () => {
  const turn = createTurn();
  turn.append({ type: "token", token: "a" });
  turn.end(DONE);
  expect(turn.read(1, NOBODY).take()).toEqual({ after: 1, events: [DONE] });
  expect(turn.read(2, NOBODY).isDone).toBe(true);
});

test("a signal closes its reader at once, also one that had aborted before", () => {
  const turn = createTurn();
  const { signal, ...controller } = abortable();
  let told = 0;
  const reader = turn.read(0, { onEvents: () => told++, signal });
  turn.append({ type: "token", token: "a" });
  controller.abort();
  expect(told).toBe(1);
  expect(reader.isDone).toBe(true);
  expect(reader.take().events).toEqual([]);
  expect(turn.read(0, { ...NOBODY, signal }).isDone).toBe(true);
  turn.end(DONE);
  expect(told).toBe(1);
});

test("a reader that has closed is not told any more", () => {
  const turn = createTurn();
  let told = 0;
  const reader = turn.read(0, { onEvents: () => told++ });
  reader.close();
  turn.end(DONE);
  expect(told).toBe(0);
});

test("a turn that nobody reads is abandoned after the grace, from its very beginning", async () => {
  const turn = createTurn(5);
  await new Promise((resolve) => turn.signal.addEventListener("abort", resolve));
  expect(turn.abortReason).toBe("abandoned");
});

test("a reader in time keeps the turn alive", async () => {
  const turn = createTurn(15);
  turn.read(0, NOBODY).close();
  const reader = turn.read(0, NOBODY);
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
