import { describe, expect, test } from "bun:test";

import type { Outcome } from "../../../src/conversation/records.ts";
import { MINUTE_MS } from "../../../src/runtime/time.ts";
import type { Store } from "../../../src/store/store.ts";
import {
  isTakenOver,
  type NewOwnerMessage,
  TAKEOVER_MS,
} from "../../../src/store/takeover-store.ts";
import { storedRequest } from "../../support/stored-requests.ts";
import { begin, newTurn, NOON, outcome, storeExchange } from "../../support/stored-turns.ts";
import { forEachStore } from "./stores.ts";

let store: Store;
const BY_ANNA = { name: "Anna", at: NOON };

async function write(conversationId: string, message: Partial<NewOwnerMessage> = {}) {
  const added = await store.addOwnerMessage({
    conversationId,
    turnId: `t_${crypto.randomUUID()}`,
    text: "I am here.",
    name: "Anna",
    idempotencyKey: undefined,
    at: NOON,
    ...message,
  });
  return added;
}

async function stored(conversationId: string, message: Partial<NewOwnerMessage> = {}) {
  const added = await write(conversationId, message);
  if (added.kind !== "stored") throw new Error(`The message was not stored: ${added.kind}.`);
  return added.message;
}

/** Asks in the visitor's session, at a time. */
function ask(question: string, at = NOON) {
  return store.beginTurn(newTurn({ question, at }));
}

forEachStore(
  (each) => {
    store = each;
  },
  () => {
    describe("a takeover", () => {
      test("has a version that changes with all that somebody who follows it wants to know", async () => {
        const { conversationId: id } = await storeExchange(store);
        const other = await storeExchange(store, { sessionId: "other" });
        const versions = [(await store.versionsOf([id])).get(id)];
        const changes = [
          () => store.takeOver(id, BY_ANNA),
          () => write(id),
          () => write(id),
          () => storedRequest(store, id, { id: "p_1" }),
          () => storedRequest(store, id, { id: "p_2" }),
          () => store.closeRequest("p_2", NOON),
          () => store.takeOver(id, { name: "Ben", at: NOON + 1 }),
          () => store.giveBack(id),
        ];
        for (const change of changes) {
          await change();
          const found = await store.versionsOf([id, "c_unknown", other.conversationId]);
          expect([...found.keys()].toSorted()).toEqual([id, other.conversationId].toSorted());
          versions.push(found.get(id));
          expect(await store.versionsOf([id])).toEqual(new Map([[id, found.get(id) ?? ""]]));
        }
        expect(new Set(versions).size).toBe(changes.length + 1);
        expect(versions).not.toContain(undefined);
        await store.hideConversation(id, NOON + 1);
        expect(await store.versionsOf([id])).toEqual(new Map());
      });

      test("is found until it is given back, and is not one of another conversation", async () => {
        const { conversationId } = await storeExchange(store);
        const other = await storeExchange(store, { sessionId: "other" });
        expect(await store.findTakeover(conversationId)).toBeUndefined();
        expect(await store.takeOver(conversationId, BY_ANNA)).toBe(true);
        expect(await store.findTakeover(conversationId)).toEqual({
          name: "Anna",
          begunAt: NOON,
          lastWordAt: NOON,
        });
        expect(await store.findTakeover(other.conversationId)).toBeUndefined();
        expect(await store.giveBack(conversationId)).toBe(true);
        expect(await store.giveBack(conversationId)).toBe(false);
        expect(await store.findTakeover(conversationId)).toBeUndefined();
      });

      test("is one of a conversation that exists and is not hidden", async () => {
        const { conversationId } = await storeExchange(store);
        expect(await store.takeOver("c_missing", BY_ANNA)).toBe(false);
        await store.hideConversation(conversationId, NOON + 1);
        expect(await store.takeOver(conversationId, BY_ANNA)).toBe(false);
        expect(await write(conversationId)).toEqual({ kind: "missing" });
        expect(await store.giveBack(conversationId)).toBe(false);
      });

      test("begins when it began, as long as words follow each other within its time", async () => {
        const { conversationId } = await storeExchange(store);
        await store.takeOver(conversationId, BY_ANNA);
        const soon = NOON + TAKEOVER_MS - 1;
        await write(conversationId, { at: soon });
        expect(await store.findTakeover(conversationId)).toEqual({
          name: "Anna",
          begunAt: NOON,
          lastWordAt: soon,
        });
        const late = soon + TAKEOVER_MS;
        await write(conversationId, { at: late, name: "Ben" });
        expect(await store.findTakeover(conversationId)).toEqual({
          name: "Ben",
          begunAt: late,
          lastWordAt: late,
        });
      });

      test("goes with its conversation", async () => {
        const { conversationId } = await storeExchange(store, { at: NOON });
        await stored(conversationId);
        await store.deleteConversation(conversationId);
        expect(await store.ownerMessagesAfter(conversationId, 0, 10)).toEqual([]);
        const again = await storeExchange(store, { at: NOON });
        expect(await store.findTakeover(again.conversationId)).toBeUndefined();
        expect(await ask("Is anybody there?")).toMatchObject({ kind: "begun" });
      });
    });

    describe("a question in a conversation that is taken over", () => {
      test("is stored with an empty answer, which the owner gives, and repeats under its key", async () => {
        const { conversationId } = await storeExchange(store);
        await store.takeOver(conversationId, BY_ANNA);
        const turn = newTurn({ question: "Are you real?", idempotencyKey: "once" });
        const beginning = await store.beginTurn(turn);
        const asked = await store.findTurn(turn.turnId);
        expect<unknown>(beginning).toEqual({ kind: "person", turn: asked });
        expect(asked).toMatchObject({
          question: "Are you real?",
          answer: { content: "", status: "complete", finishReason: "person" },
        });
        expect(await store.activeTurnId("visitor")).toBeUndefined();
        const repeated = await store.beginTurn(newTurn({ idempotencyKey: "once" }));
        expect<unknown>(repeated).toEqual({ kind: "earlier", turn: asked });
        expect(await store.finishTurn(turn.turnId, outcome())).toBe(false);
        expect(await store.findConversation(conversationId)).toMatchObject({
          lastMessage: "Are you real?",
          // The empty answer is not shown.
          messageCount: 3,
        });
      });

      test("counts as one message, also where the answer under way was cut before its first word", async () => {
        const counted = async (end: Partial<Outcome>) => {
          const turn = newTurn();
          const { conversationId } = await begin(store, turn);
          await store.finishTurn(turn.turnId, outcome({ content: "", status: "stopped", ...end }));
          return (await store.findConversation(conversationId))?.messageCount;
        };
        expect(await counted({ finishReason: "person" })).toBe(1);
        // This one is shown, as stopped.
        expect(await counted({ finishReason: "stopped" })).toBe(3);
        expect(await counted({ finishReason: "person", content: "At" })).toBe(5);
      });

      test("is one for the model once the owner has given back, or has said nothing for 30 minutes", async () => {
        const { conversationId } = await storeExchange(store);
        await store.takeOver(conversationId, BY_ANNA);
        await store.giveBack(conversationId);
        const turn = newTurn({ question: "And now?" });
        expect(await begin(store, turn)).toMatchObject({ kind: "begun" });
        await store.finishTurn(turn.turnId, outcome());

        await store.takeOver(conversationId, BY_ANNA);
        expect(TAKEOVER_MS).toBe(30 * MINUTE_MS);
        const last = NOON + TAKEOVER_MS - 1;
        expect(await ask("Still there?", last)).toMatchObject({ kind: "person" });
        const over = NOON + TAKEOVER_MS;
        expect(isTakenOver(await store.findTakeover(conversationId), last)).toBe(true);
        expect(isTakenOver(await store.findTakeover(conversationId), over)).toBe(false);
        expect(await ask("Hello?", over)).toMatchObject({ kind: "begun" });
      });

      test("is one for the model soon after the clock was set back, however far", async () => {
        const { conversationId } = await storeExchange(store);
        await store.takeOver(conversationId, BY_ANNA);
        // Another replica's clock may be behind.
        expect(await ask("Still there?", NOON - TAKEOVER_MS + 1)).toMatchObject({ kind: "person" });
        const before = NOON - TAKEOVER_MS;
        expect(isTakenOver(await store.findTakeover(conversationId), before)).toBe(false);
        expect(await ask("Hello?", before)).toMatchObject({ kind: "begun" });
      });

      test("is not one of the visitor's other conversations", async () => {
        const { conversationId } = await storeExchange(store);
        await store.takeOver(conversationId, BY_ANNA);
        const turn = newTurn({ sessionId: "other" });
        expect(await store.beginTurn(turn)).toMatchObject({ kind: "begun" });
      });

      test("takes the mark of the failed answer before from the conversation", async () => {
        const { conversationId } = await storeExchange(store, { status: "failed", answer: "" });
        await store.takeOver(conversationId, BY_ANNA);
        expect((await store.listConversations({ limit: 5, mark: "failed" })).total).toBe(1);
        await ask("Hello?");
        expect((await store.listConversations({ limit: 5, mark: "failed" })).total).toBe(0);
      });
    });

    describe("an owner's message", () => {
      test("is a message with his name, in the order in which it was stored", async () => {
        const { conversationId } = await storeExchange(store);
        const first = await stored(conversationId, { text: "Hello, I am Anna.", at: NOON + 5 });
        await ask("Hello?", NOON + 6);
        const second = await stored(conversationId, { text: "Hello!", at: NOON + 7 });
        expect(first).toEqual({
          id: expect.any(Number),
          turnId: expect.stringMatching(/^t_/),
          role: "assistant",
          content: "Hello, I am Anna.",
          status: "complete",
          createdAt: NOON + 5,
          author: { kind: "owner", name: "Anna" },
        });
        const messages = await store.listMessages(conversationId);
        expect(messages.map(({ content }) => content)).toEqual([
          "When do you open?",
          "At nine.",
          "Hello, I am Anna.",
          "Hello?",
          "",
          "Hello!",
        ]);
        expect(await store.ownerMessagesAfter(conversationId, 0, 10)).toEqual([first, second]);
        expect(await store.ownerMessagesAfter(conversationId, 0, 1)).toEqual([first]);
        expect(await store.ownerMessagesAfter(conversationId, first.id, 10)).toEqual([second]);
        expect(await store.findConversation(conversationId)).toMatchObject({
          updatedAt: NOON + 7,
          lastMessage: "Hello!",
          messageCount: 5,
        });
      });

      test("is found by a search, exported, and shown in the list in place of the empty answer after it", async () => {
        const { conversationId } = await storeExchange(store);
        const message = await stored(conversationId, { text: "The lighthouse is closed." });
        await ask("Why?");
        const found = await store.listConversations({ limit: 5, search: "lighthouse" });
        expect(found.conversations).toMatchObject([
          { id: conversationId, lastAnswer: "The lighthouse is closed.", lastStatus: "complete" },
        ]);
        expect(await store.exportMessages(message.id - 1, 1)).toMatchObject([
          { id: message.id, author: { kind: "owner", name: "Anna" } },
        ]);
        expect((await store.dailyFigures(NOON, NOON))[0]?.messages).toBe(5);
      });

      test("waits for the answer that is under way, whose question began before the takeover", async () => {
        const turn = newTurn();
        const { conversationId } = await begin(store, turn);
        expect(await write(conversationId)).toEqual({ kind: "busy" });
        expect(await store.findTakeover(conversationId)).toMatchObject({ name: "Anna" });
        expect(await store.activeTurnId("visitor")).toBe(turn.turnId);
        await store.finishTurn(
          turn.turnId,
          outcome({ status: "stopped", finishReason: "stopped" }),
        );
        expect(await write(conversationId)).toMatchObject({ kind: "stored", isNew: true });
        const [, answer, message] = await store.listMessages(conversationId);
        expect(answer?.status).toBe("stopped");
        expect(message?.author?.name).toBe("Anna");
        // The newest answer is not a stopped one any more.
        expect((await store.listConversations({ limit: 5, mark: "stopped" })).total).toBe(0);
      });

      test("is stored once under its Idempotency-Key, which is none of the visitor's", async () => {
        const { conversationId } = await storeExchange(store);
        const once = await write(conversationId, { idempotencyKey: "k" });
        const again = await write(conversationId, { idempotencyKey: "k", text: "Other words." });
        expect(again).toEqual({ ...once, isNew: false } as typeof again);
        await store.giveBack(conversationId);
        const turn = newTurn({ idempotencyKey: "k" });
        expect(await store.beginTurn(turn)).toMatchObject({ kind: "begun" });
        expect(await store.ownerMessagesAfter(conversationId, 0, 10)).toHaveLength(1);
      });
    });

    describe("the history for the model", () => {
      async function historyOf(question: string, at = NOON + TAKEOVER_MS) {
        const { history } = await begin(store, newTurn({ question, at }));
        return history.map(({ content }) => content);
      }

      test("has what the owner wrote as the model's words, and the questions that he answered together", async () => {
        const { conversationId } = await storeExchange(store, { question: "One?", answer: "1." });
        await stored(conversationId, { text: "I am Anna." });
        await stored(conversationId, { text: "How can I help?" });
        await ask("Two?");
        await ask("Three?");
        await stored(conversationId, { text: "Two and three." });
        expect(await historyOf("Four?")).toEqual([
          "One?",
          "1.\n\nI am Anna.\n\nHow can I help?",
          "Two?\n\nThree?",
          "Two and three.",
          "Four?",
        ]);
      });

      test("has his answer to a question that the model has failed to answer", async () => {
        const { conversationId } = await storeExchange(store, { status: "failed", answer: "" });
        await stored(conversationId, { text: "At nine." });
        expect(await historyOf("When do you open?")).toEqual([
          "When do you open?",
          "At nine.",
          "When do you open?",
        ]);
        // The question is stored again: it comes after his answer.
        const messages = await store.listMessages(conversationId);
        expect(messages.map(({ role }) => role)).toEqual([
          "user",
          "assistant",
          "assistant",
          "user",
          "assistant",
        ]);
      });

      test("leaves out what he was asked and did not answer", async () => {
        const { conversationId } = await storeExchange(store);
        await store.takeOver(conversationId, BY_ANNA);
        await ask("Two?");
        expect(await historyOf("Three?")).toEqual(["When do you open?", "At nine.", "Three?"]);
      });
    });
  },
);
