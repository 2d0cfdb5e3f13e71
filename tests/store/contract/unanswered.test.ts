import { describe, expect, test } from "bun:test";

import type { AnswerSource } from "../../../src/conversation/records.ts";
import type { Store } from "../../../src/store/store.ts";
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
  return { conversationId, turnId: turn.turnId };
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

    describe("questions without an answer in the sources", () => {
      test("are listed, the newest first, until their conversation is erased", async () => {
        const first = await ask("Do you sell kites?", { grounding: "none", sources: [] });
        await ask("When do you open?", { grounding: "cited", sources: SOURCES }, NOON + 1);
        await ask("Hello!", { grounding: "uncited", sources: SOURCES }, NOON + 2);
        const last = await ask("And boats?", { grounding: "none", sources: SOURCES }, NOON + 3);
        const kites = { ...first, question: "Do you sell kites?", at: NOON };
        const boats = { ...last, question: "And boats?", at: NOON + 3 };
        expect(await store.listUnanswered(10)).toEqual([boats, kites]);
        expect(await store.listUnanswered(1)).toEqual([boats]);
        await store.deleteConversation(last.conversationId);
        expect(await store.listUnanswered(10)).toEqual([kites]);
      });

      test("are dismissed by their keys, of which the newest thousand are remembered", async () => {
        for (let n = 0; n < 1002; n += 1) await store.dismissUnanswered(`key ${n}`, NOON + n);
        await store.dismissUnanswered("key 2", NOON + 5000);
        const keys = await store.listDismissed();
        expect(keys).toHaveLength(1000);
        expect(keys[0]).toBe("key 2");
        expect(keys).not.toContain("key 1");
        expect(keys.at(-1)).toBe("key 3");
      });
    });
  },
);
