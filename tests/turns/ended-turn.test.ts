import { expect, test } from "bun:test";

import type { ChatEvent } from "../../src/conversation/events.ts";
import type { StoredTurn } from "../../src/store/turn-store.ts";
import { EndedTurn } from "../../src/turns/ended-turn.ts";

function stored(answer: Partial<StoredTurn["answer"]> = {}): StoredTurn {
  return {
    turnId: "t_1",
    sessionId: "s",
    conversationId: "c_1",
    question: "Hello?",
    answer: {
      id: 2,
      turnId: "t_1",
      role: "assistant",
      content: "ab",
      status: "complete",
      createdAt: 0,
      finishReason: "stop",
      ...answer,
    },
  };
}

const NOBODY = { onEvents: () => {} };
const START = { type: "start", conversationId: "c_1", turnId: "t_1" } as const;
const DONE = { type: "done", message: "ab", conversationId: "c_1", finishReason: "stop" } as const;
const END_NUMBER = 999_999_999;

test("a reader of an ended turn gets the start, the text as one token, and the end", () => {
  const reader = new EndedTurn(stored()).read(0, NOBODY);
  expect(reader.isDone).toBe(false);
  const events = [START, { type: "token" as const, token: "ab" }, DONE];
  expect(reader.take()).toEqual({ after: 0, events });
  expect(reader.isDone).toBe(true);
  expect(reader.take().events).toEqual([]);
});

test("the sources of an ended turn come after the start, and its end has those that it names", () => {
  const shipping = {
    number: 1,
    title: "Shipping",
    heading: "Norway",
    url: "https://shop.example/",
  };
  const note = { number: 2, title: "When are you open?", heading: "", url: undefined };
  const turn = new EndedTurn(
    stored({
      grounding: "cited",
      sources: [
        { ...shipping, isCited: true },
        { ...note, isCited: false },
      ],
    }),
  );
  const given = { type: "sources", sources: [shipping, { number: 2, title: note.title }] };
  const done = { ...DONE, sources: [shipping], grounding: "cited" };
  expect(turn.read(0, NOBODY).take().events).toEqual([
    START,
    given,
    { type: "token", token: "ab" },
    done,
  ] as ChatEvent[]);
  expect(turn.read(3, NOBODY).take().events).toEqual([done] as ChatEvent[]);
});

test("a reader who resumes an ended turn gets the end under the same number, however many events it has", () => {
  const turn = new EndedTurn(stored());
  for (const after of [1, 5, END_NUMBER - 1]) {
    expect(turn.progressAfter(after)).toBe("more");
    const reader = turn.read(after, NOBODY);
    expect(reader.take()).toEqual({ after: END_NUMBER - 1, events: [DONE] });
    expect(reader.isDone).toBe(true);
  }
});

test("a reader who has the end's number gets nothing more", () => {
  const turn = new EndedTurn(stored());
  expect(turn.progressAfter(END_NUMBER)).toBe("nothing more");
  expect(turn.read(END_NUMBER, NOBODY).isDone).toBe(true);
});

test("an empty answer is read without a token, and a failed one ends with its error", async () => {
  const turn = new EndedTurn(stored({ content: "", status: "failed", errorCode: "model_error" }));
  const { events } = turn.read(0, NOBODY).take();
  expect(events.map(({ type }) => type)).toEqual(["start", "error"]);
  expect(await turn.conclusion()).toMatchObject({ type: "error", code: "model_error" });
});

test("a signal that is aborted already closes its reader, and stopping an ended turn changes nothing", async () => {
  const turn = new EndedTurn(stored());
  expect(turn.read(0, { ...NOBODY, signal: AbortSignal.abort() }).isDone).toBe(true);
  turn.abort();
  expect(await turn.conclusion()).toEqual(DONE);
});

test("an answer that a shutdown has cut off ends as interrupted, because asking again would not help", async () => {
  const cut = new EndedTurn(stored({ status: "interrupted", errorCode: "draining" }));
  expect(await cut.conclusion()).toMatchObject({ type: "error", code: "interrupted" });
  expect(cut.read(1, NOBODY).take().events).toMatchObject([{ type: "error", code: "interrupted" }]);
});

test("a poor answer has a handoff before its end where a person can be reached", () => {
  const unknown = { type: "handoff", reason: "unknown" } as const;
  const done = { ...DONE, sources: [], grounding: "none" } as const;
  const poor = stored({ grounding: "none", sources: [] });
  const turn = new EndedTurn(poor, true);
  const token = { type: "token", token: "ab" } as const;
  const whole: readonly ChatEvent[] = [START, token, unknown, done];
  expect(turn.eventsAfter(0)).toEqual({ after: 0, events: whole });
  expect(turn.eventsAfter(2)).toEqual({ after: END_NUMBER - 2, events: [unknown, done] });
  expect(turn.eventsAfter(END_NUMBER - 1)).toEqual({ after: END_NUMBER - 1, events: [done] });
  expect(turn.eventsAfter(END_NUMBER).events).toEqual([]);
  expect(new EndedTurn(poor).eventsAfter(0).events).toEqual([START, token, done]);
  const failed = stored({ status: "failed", content: "", errorCode: "model_error" });
  expect(new EndedTurn(failed, true).eventsAfter(1).events[0]).toEqual({
    type: "handoff",
    reason: "failed",
  });
  expect(new EndedTurn(stored(), true).eventsAfter(0).events).toEqual([START, token, DONE]);
});
