import { expect, test } from "bun:test";

import { Ledger } from "../../harness/faults/ledger.ts";
import type { Message } from "../../src/conversation/records.ts";

/** These tests show that the ledger finds every kind of loss. */

function message(role: "user" | "assistant", content: string, more: Partial<Message> = {}) {
  const stored: Message = {
    id: 1,
    turnId: "t_1",
    role,
    content,
    status: "complete",
    createdAt: 0,
    ...more,
  };
  return stored;
}

function ledgerOfOneAnswer(): Ledger {
  const ledger = new Ledger();
  const turn = ledger.ask("a", "Hi");
  turn.hear({ type: "start", conversationId: "c_1", turnId: "t_1" });
  turn.hear({ type: "token", token: "Hello " });
  turn.hear({ type: "token", token: "there" });
  turn.hear({ type: "done", message: "Hello there", conversationId: "c_1", finishReason: "stop" });
  return ledger;
}

const QUESTION = message("user", "Hi");
const ANSWER = message("assistant", "Hello there");

test("the ledger accepts an answer that is stored as it was sent", () => {
  expect(ledgerOfOneAnswer().compare(new Map([["a", [QUESTION, ANSWER]]]))).toEqual([]);
});

test.each([
  ["nothing is stored", new Map()],
  ["the answer is missing", new Map([["a", [QUESTION]]])],
  ["the question is missing", new Map([["a", [ANSWER]]])],
  ["the question is doubled", new Map([["a", [QUESTION, ANSWER, QUESTION]]])],
  ["the answer is doubled", new Map([["a", [QUESTION, ANSWER, ANSWER]]])],
  ["a word is missing", new Map([["a", [QUESTION, message("assistant", "Hello")]]])],
  [
    "it is streaming",
    new Map([["a", [QUESTION, message("assistant", "Hello there", { status: "streaming" })]]]),
  ],
  [
    "it is interrupted",
    new Map([["a", [QUESTION, message("assistant", "Hello there", { status: "interrupted" })]]]),
  ],
  ["it is another session's", new Map([["b", [QUESTION, ANSWER]]])],
])("the ledger sees that %s", (_what, stored: Map<string, Message[]>) => {
  expect(ledgerOfOneAnswer().compare(stored)).not.toEqual([]);
});

test("the ledger expects of a killed server the words sent a second before, but not the last ones", () => {
  const ledger = new Ledger();
  const turn = ledger.ask("a", "Hi");
  turn.hear({ type: "start", conversationId: "c_1", turnId: "t_1" });
  turn.hear({ type: "token", token: "Hello there" });
  const kept = (content: string) =>
    new Map([["a", [QUESTION, message("assistant", content, { status: "interrupted" })]]]);
  expect(ledger.compare(kept("Hello there"))).toEqual([]);
  expect(ledger.compare(kept(""))).toHaveLength(1);
  ledger.serverKilled(performance.now() + 1);
  expect(ledger.compare(kept(""))).toEqual([]);
});

test("the ledger accepts an empty answer before the one of the repeated question, and no second whole one", () => {
  const begun = message("assistant", "", { turnId: "t_0", status: "interrupted" });
  expect(ledgerOfOneAnswer().compare(new Map([["a", [QUESTION, begun, ANSWER]]]))).toEqual([]);
  const twice = message("assistant", "Hello there", { turnId: "t_0" });
  expect(ledgerOfOneAnswer().compare(new Map([["a", [QUESTION, twice, ANSWER]]]))).not.toEqual([]);
});

test("the ledger of replicas does not expect what one sent after the others had given it up", () => {
  const stored = new Map([["a", [QUESTION, message("assistant", "", { status: "interrupted" })]]]);
  for (const [fencedWithinMs, problems] of [
    [undefined, 1],
    [1500, 0],
  ] as const) {
    const ledger = new Ledger(fencedWithinMs);
    const turn = ledger.ask("a", "Hi");
    turn.hear({ type: "start", conversationId: "c_1", turnId: "t_1" });
    turn.hear({ type: "token", token: "Hello there" });
    turn.hear({ type: "error", code: "interrupted", error: "It broke off." });
    expect(ledger.compare(stored)).toHaveLength(problems);
  }
});
