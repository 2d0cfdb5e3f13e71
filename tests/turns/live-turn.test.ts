import { expect, test } from "bun:test";

import { LiveTurn } from "../../src/turns/live-turn.ts";

function createTurn(abandonedGraceMs = 60_000): LiveTurn {
  return new LiveTurn({ id: "t_1", sessionId: "s", conversationId: "c_1", abandonedGraceMs });
}

const NOBODY = { onEvents: () => {} };

function abortable() {
  const controller = new AbortController();
  return { signal: controller.signal, abort: () => controller.abort() };
}

const START = { type: "start", conversationId: "c_1", turnId: "t_1" } as const;
const DONE = { type: "done", message: "ab", conversationId: "c_1", finishReason: "stop" } as const;

test("a reader gets the events so far in one batch, then new events, then the end", () => {
  const turn = createTurn();
  turn.append("a");
  turn.append("b");
  let notified = 0;
  const reader = turn.read(0, { onEvents: () => notified++ });
  const tokens = ["a", "b"].map((token) => ({ type: "token", token }) as const);
  expect(reader.take()).toEqual({ after: 0, events: [START, ...tokens] });
  expect(reader.take().events).toEqual([]);
  expect(notified).toBe(0);
  turn.end(DONE);
  expect(notified).toBe(1);
  expect(reader.isDone).toBe(false);
  expect(reader.take()).toEqual({ after: 3, events: [DONE] });
  expect(reader.isDone).toBe(true);
});

test("a reader may begin in the middle, and after the end", () => {
  const turn = createTurn();
  turn.append("a");
  turn.end(DONE);
  expect(turn.lastEventNumber).toBe(3);
  expect(turn.read(1, NOBODY).take().events).toEqual([{ type: "token", token: "a" }, DONE]);
  expect(turn.read(2, NOBODY).take()).toEqual({ after: 2, events: [DONE] });
  expect(turn.read(3, NOBODY).isDone).toBe(true);
  expect([2, 3, 4].map((after) => turn.progressAfter(after))).toEqual([
    "more",
    "nothing more",
    "beyond the end",
  ]);
});

test("a draft is the whole text so far, and is taken only when there is new text", () => {
  const turn = createTurn();
  const later = Number.POSITIVE_INFINITY;
  expect(turn.takeDraft(later)).toBeUndefined();
  turn.append("a");
  expect(turn.takeDraft(0)).toBeUndefined();
  expect(turn.takeDraft(later)).toBe("a");
  expect(turn.takeDraft(later)).toBeUndefined();
  turn.append("b");
  expect(turn.takeDraft(later)).toBe("ab");
  turn.append("c");
  turn.end(DONE);
  expect(turn.takeDraft(later)).toBeUndefined();
});

test("a signal closes its reader at once, even one that is aborted already", () => {
  const turn = createTurn();
  const { signal, ...controller } = abortable();
  let notified = 0;
  const reader = turn.read(0, { onEvents: () => notified++, signal });
  turn.append("a");
  controller.abort();
  expect(notified).toBe(1);
  expect(reader.isDone).toBe(true);
  expect(reader.take().events).toEqual([]);
  expect(turn.read(0, { ...NOBODY, signal }).isDone).toBe(true);
  turn.end(DONE);
  expect(notified).toBe(1);
});

test("a closed reader gets no more calls", () => {
  const turn = createTurn();
  let notified = 0;
  const reader = turn.read(0, { onEvents: () => notified++ });
  reader.close();
  turn.end(DONE);
  expect(notified).toBe(0);
});

test("a turn that nobody has ever read is abandoned after the grace", async () => {
  const turn = createTurn(5);
  await new Promise((resolve) => turn.signal.addEventListener("abort", resolve));
  expect(turn.abortReason).toBe("abandoned");
});

test("a reader who comes within the grace keeps the turn alive", async () => {
  const turn = createTurn(15);
  turn.read(0, NOBODY).close();
  const reader = turn.read(0, NOBODY);
  await Bun.sleep(40);
  expect(turn.abortReason).toBeUndefined();
  reader.close();
  await new Promise((resolve) => turn.signal.addEventListener("abort", resolve));
});

test("the first reason to abort stays, and an ended turn cannot be aborted", () => {
  const turn = createTurn();
  turn.abort("stopped");
  turn.abort("draining");
  expect(turn.abortReason).toBe("stopped");
  const ended = createTurn();
  ended.end(DONE);
  ended.abort("stopped");
  expect(ended.abortReason).toBeUndefined();
});

test("the conclusion is the last event, for callers who wait for it and callers who come later", async () => {
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

test("a turn that begins anew sends its start again, and later readers get nothing from before", () => {
  const turn = createTurn();
  turn.append("a thought");
  const reader = turn.read(0, NOBODY);
  const late = turn.read(0, NOBODY);
  expect(reader.take().events).toHaveLength(2);
  turn.restart();
  turn.append("ab");
  turn.end(DONE);
  const anew = { after: 2, events: [START, { type: "token", token: "ab" }, DONE] } as const;
  expect(reader.take()).toEqual({ after: 2, events: [...anew.events] });
  expect(late.take()).toEqual({ after: 2, events: [...anew.events] });
  expect(turn.read(1, NOBODY).take()).toEqual({ after: 2, events: [...anew.events] });
  expect(turn.read(3, NOBODY).take()).toEqual({ after: 3, events: anew.events.slice(1) });
  expect(turn.text()).toBe("ab");
  expect(turn.lastEventNumber).toBe(5);
});

test("sources are the second event, also after the answer begins anew", () => {
  const turn = createTurn();
  const reader = turn.read(0, NOBODY);
  expect(reader.take().events).toEqual([START]);
  const sources = [{ number: 1, title: "Shipping", url: "https://shop.example/shipping" }];
  turn.giveSources(sources);
  turn.append("a thought");
  expect(reader.take()).toMatchObject({ after: 1, events: [{ type: "sources", sources }, {}] });
  turn.restart();
  turn.append("ab");
  const { after, events } = reader.take();
  expect(after).toBe(3);
  expect(events.map(({ type }) => type)).toEqual(["start", "sources", "token"]);
  expect(turn.lastEventNumber).toBe(6);
});

test("beginning anew changes nothing in a turn without tokens", () => {
  const turn = createTurn();
  turn.restart();
  expect(turn.read(0, NOBODY).take()).toEqual({ after: 0, events: [START] });
});
