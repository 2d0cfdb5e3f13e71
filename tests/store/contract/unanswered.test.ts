import { describe, expect, test } from "bun:test";

import type { AnswerSource } from "../../../src/conversation/records.ts";
import type { Store } from "../../../src/store/store.ts";
import type { UnansweredQuestion } from "../../../src/store/unanswered-store.ts";
import { begin, newTurn, NOON, outcome } from "../../support/stored-turns.ts";
import { forEachStore } from "./stores.ts";

let store: Store;

const SOURCES: readonly AnswerSource[] = [
  { number: 1, title: 'The "Shop"', heading: "A › B", url: "https://a.example/#b", isCited: true },
  { number: 2, title: "Note", heading: "", url: undefined, isCited: false },
];

async function ask(question: string, end: Parameters<typeof outcome>[0], at = NOON) {
  const turn = newTurn({ question, sessionId: question, at });
  const { conversationId } = await begin(store, turn);
  await store.finishTurn(turn.turnId, outcome({ at, ...end }));
  const [asked] = await store.listMessages(conversationId);
  return { conversationId, turnId: turn.turnId, messageId: asked?.id ?? 0 };
}

forEachStore(
  (each) => {
    store = each;
  },
  () => {
    describe("an answer that was given sources", () => {
      test("has them, and whether it stands on them, wherever it is read", async () => {
        const { conversationId, turnId } = await ask("When?", {
          grounding: "cited",
          sources: SOURCES,
        });
        const stored = (await store.findTurn(turnId))?.answer;
        expect(stored).toMatchObject({ grounding: "cited", sources: SOURCES });
        expect(await store.listMessages(conversationId)).toEqual([
          expect.not.objectContaining({ sources: expect.anything() }),
          expect.objectContaining({ grounding: "cited", sources: SOURCES }),
        ]);
        const [, exported] = await store.exportMessages(0, 10);
        expect(exported).toMatchObject({ grounding: "cited", sources: SOURCES });
      });

      test("keeps those of its first draft when it is cut off", async () => {
        const turn = newTurn();
        await begin(store, turn);
        const { turnId } = turn;
        await store.saveDrafts([{ turnId, content: "Be", sources: SOURCES }]);
        await store.saveDrafts([{ turnId, content: "Between" }]);
        await store.interruptUnfinishedTurns();
        expect((await store.findTurn(turnId))?.answer).toMatchObject({ content: "Between" });
        expect((await store.findTurn(turnId))?.answer.sources).toEqual(SOURCES);
      });

      test("without sources has neither", async () => {
        const { turnId } = await ask("When?", {});
        const answer = (await store.findTurn(turnId))?.answer;
        expect(answer).not.toHaveProperty("sources");
        expect(answer).not.toHaveProperty("grounding");
      });
    });

    describe("questions without a good answer", () => {
      test("are listed, the newest first, until their conversation is erased", async () => {
        const first = await ask("Do you sell kites?", { grounding: "none", sources: [] });
        await ask("When do you open?", { grounding: "cited", sources: SOURCES }, NOON + 1);
        await ask("Hello!", { grounding: "uncited", sources: SOURCES }, NOON + 2);
        const last = await ask("And boats?", { grounding: "unsourced" }, NOON + 3);
        const kites: UnansweredQuestion = {
          ...first,
          question: "Do you sell kites?",
          at: NOON,
          reasons: ["unknown"],
        };
        const boats: UnansweredQuestion = {
          ...last,
          question: "And boats?",
          at: NOON + 3,
          reasons: ["nothing_found"],
        };
        expect(await store.listUnanswered(10)).toEqual([boats, kites]);
        expect(await store.listUnanswered(1)).toEqual([boats]);
        await store.deleteConversation(last.conversationId);
        expect(await store.listUnanswered(10)).toEqual([kites]);
      });

      test("are those that failed, were stopped, rated down, or followed by a request for a person", async () => {
        const failed = await ask("Failed?", { status: "failed", content: "" });
        await ask("Cut off?", { status: "interrupted" });
        await ask("Stopped?", { status: "stopped", finishReason: "stopped", grounding: "none" });
        const { turnId } = await ask("Wrong?", {});
        const rating = { value: "negative", reasons: ["wrong"], at: NOON } as const;
        await store.rateAnswer(turnId, rating);
        await store.rateAnswer((await ask("Right?", {})).turnId, { ...rating, value: "positive" });
        const { conversationId } = await ask("Anybody there?", {});
        const request = {
          id: "p_1",
          conversationId,
          contact: { kind: "email", value: "ada@example.com" } as const,
          consent: "You may write to me.",
          at: NOON,
        };
        await store.addRequest(request, { since: NOON - 1, max: 3 });
        const beginning = await store.beginTurn(newTurn({ sessionId: "under way" }));
        expect(beginning.kind).toBe("begun");
        const listed = async () =>
          (await store.listUnanswered(10)).map(
            ({ question, reasons }) => `${question} ${reasons.join()}`,
          );
        const others = ["Stopped? stopped,unknown", "Cut off? failed"];
        const wanted = "Anybody there? wanted_person";
        expect(await listed()).toEqual([wanted, "Wrong? rated_down", ...others, "Failed? failed"]);
        await store.rateAnswer(turnId, undefined);
        await store.deleteConversation(failed.conversationId);
        expect(await listed()).toEqual([wanted, ...others]);
      });

      test("are read as far as they are compared", async () => {
        await ask("long ".repeat(500), { grounding: "none", sources: [] });
        const [listed] = await store.listUnanswered(1);
        expect(listed?.question).toBe("long ".repeat(100));
      });

      test("are settled by their keys, of which the newest five thousand are remembered", async () => {
        const keys = Array.from({ length: 5002 }, (_, n) => `key ${String(n).padStart(4, "0")}`);
        await store.settleQuestions(keys, { at: NOON, isAnswered: false });
        await store.settleQuestions(["key 0002", "new"], { at: NOON + 1, isAnswered: true });
        const settled = await store.listSettled();
        expect(settled).toHaveLength(5000);
        expect(settled.slice(0, 3)).toEqual([
          { key: "key 0002", at: NOON + 1, isAnswered: true },
          { key: "new", at: NOON + 1, isAnswered: true },
          { key: "key 0000", at: NOON, isAnswered: false },
        ]);
      });
    });
  },
);
