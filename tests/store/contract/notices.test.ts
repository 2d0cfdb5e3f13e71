import { describe, expect, test } from "bun:test";

import type { Outcome } from "../../../src/conversation/records.ts";
import {
  type AttemptEnd,
  BEHIND_ANOTHER,
  FORGET_AT_ONCE,
  MAX_WAIT_MS,
  SPACING_MS,
  SWITCHED_OFF,
  WAITED_TOO_LONG,
} from "../../../src/store/notice-store.ts";
import type { Store } from "../../../src/store/store.ts";
import { begin, newTurn, NOON, outcome } from "../../support/stored-turns.ts";
import { forEachStore } from "./stores.ts";

let store: Store;

const LEASE_MS = 30_000;
const DAY_MS = 86_400_000;
const EVENTS = ["conversation.started", "answer.failed", "question.unanswered"] as const;

function wantAll() {
  return store.wantNotices(EVENTS.map((kind) => ({ channel: "webhook", kind })));
}

async function ask(sessionId: string, end: Partial<Outcome> = {}, at = NOON) {
  const turn = newTurn({ sessionId, at });
  const { conversationId } = await begin(store, turn);
  await store.finishTurn(turn.turnId, outcome({ at, durationMs: 0, ...end }));
  return { conversationId, turnId: turn.turnId };
}

const FAILED = { status: "failed", content: "", errorCode: "model_error" } as const;

function claim(over: Partial<Parameters<Store["claimNotices"]>[0]> = {}) {
  const now = over.now ?? NOON;
  const until = now + LEASE_MS;
  return store.claimNotices({ channel: "webhook", limit: 10, owner: "a", now, until, ...over });
}

function end(seq: number | undefined, over: Partial<AttemptEnd> = {}) {
  return store.endAttempt(seq ?? -1, { state: "delivered", owner: "a", at: NOON, ...over });
}

function wantPeople() {
  const kinds = ["handoff.requested", "visitor.wrote"] as const;
  return store.wantNotices(kinds.map((kind) => ({ channel: "webhook", kind })));
}

/** Delivers everything, one after the other. */
async function claimAll() {
  const found: (readonly [kind: string, turnId: string | undefined, at: number])[] = [];
  for (;;) {
    const [claimed] = await claim({ now: NOON + 3_600_000 });
    if (claimed === undefined) return found;
    found.push([claimed.kind, claimed.turnId, claimed.at]);
    await end(claimed.seq);
  }
}

async function stateOf(channel: "webhook" | "mail" = "webhook") {
  return (await store.channelStates()).find((state) => state.channel === channel);
}

forEachStore(
  (each) => {
    store = each;
  },
  () => {
    describe("the outbox", () => {
      test("stays empty while no channel wants anything, and for what none wants", async () => {
        await ask("one", FAILED);
        await store.wantNotices([{ channel: "ntfy", kind: "question.unanswered" }]);
        await ask("two", FAILED);
        expect(await store.nextNoticeAt(["webhook", "ntfy"])).toBeUndefined();
        expect((await store.channelStates()).map(({ waiting }) => waiting)).toEqual([0, 0, 0, 0]);
      });

      test("has a notice for each event and each channel that wants it, with an id of its own", async () => {
        await store.wantNotices([
          { channel: "webhook", kind: "answer.failed" },
          { channel: "ntfy", kind: "answer.failed" },
          { channel: "webhook", kind: "conversation.started" },
        ]);
        const { conversationId, turnId } = await ask("one", { ...FAILED, durationMs: 700 });
        const [started] = await claim();
        expect(started).toEqual({
          seq: expect.any(Number),
          eventId: expect.stringMatching(/^msg_[0-9a-f]{32}$/),
          channel: "webhook",
          kind: "conversation.started",
          at: NOON,
          attempts: 1,
          conversationId,
          turnId: undefined,
        });
        await end(started?.seq);
        const [failed] = await claim({ now: NOON + 700 });
        expect(failed).toMatchObject({ kind: "answer.failed", turnId, at: NOON + 700 });
        const [pushed] = await claim({ channel: "ntfy", now: NOON + 700 });
        expect(pushed).toMatchObject({ kind: "answer.failed", conversationId, turnId });
        expect(new Set([started, failed, pushed].map((each) => each?.eventId)).size).toBe(3);
      });

      test("has the answers that a crash has cut off and those that nobody knows, and no others", async () => {
        await store.wantNotices([
          { channel: "webhook", kind: "answer.failed" },
          { channel: "webhook", kind: "question.unanswered" },
        ]);
        await ask("fine");
        await ask("stopped", { status: "stopped", finishReason: "stopped" });
        await begin(store, newTurn({ sessionId: "cut" }));
        await store.interruptUnfinishedTurns();
        await ask("unknown", { grounding: "none" });
        await ask("unsourced", { grounding: "unsourced" });
        await ask("uncited", { grounding: "uncited", sources: [] });
        expect((await claim()).map(({ kind }) => kind)).toEqual([
          "answer.failed",
          "question.unanswered",
          "question.unanswered",
        ]);
      });

      test("has one notice of a rating that changes before it is sent, and none of one that is taken back", async () => {
        await store.wantNotices([{ channel: "webhook", kind: "answer.rated" }]);
        const { turnId } = await ask("one");
        const down = { value: "negative", reasons: ["wrong"], at: NOON + 5 } as const;
        await store.rateAnswer(turnId, { value: "positive", reasons: [], at: NOON + 4 });
        await store.rateAnswer(turnId, down);
        await store.rateAnswer(turnId, { ...down, comment: "No.", at: NOON + 6 });
        const [first, ...more] = await claim({ now: NOON + 6 });
        expect([first, more]).toMatchObject([{ kind: "answer.rated", turnId, at: NOON + 4 }, []]);
        // The one that is being sent may not say this any more.
        await store.rateAnswer(turnId, { value: "positive", reasons: [], at: NOON + 7 });
        await end(first?.seq, { at: NOON + 8 });
        expect(await claim({ now: NOON + LEASE_MS })).toEqual([]);
        const [second] = await claim({ now: NOON + 6 + LEASE_MS + SPACING_MS });
        expect(second).toMatchObject({ kind: "answer.rated", at: NOON + 7 });
        await end(second?.seq, { at: NOON + 200_000 });
        await store.rateAnswer(turnId, { value: "positive", reasons: [], at: NOON + 300_000 });
        await store.rateAnswer(turnId, undefined);
        expect(await store.nextNoticeAt(["webhook"])).toBeUndefined();
      });

      test("has each request for a person, and what its visitor writes until it is closed", async () => {
        await wantPeople();
        const { conversationId, turnId } = await ask("one");
        const request = {
          id: "p_1",
          conversationId,
          contact: { kind: "email", value: "a@example.com" },
          consent: "You may write to me.",
          at: NOON + 1,
        } as const;
        await store.addRequest(request, { since: 0, max: 3 });
        const second = await ask("one", {}, NOON + 2);
        await store.closeRequest("p_1", NOON + 3);
        await ask("one", {}, NOON + 4);
        expect(await claimAll()).toEqual([
          ["handoff.requested", turnId, NOON + 1],
          ["visitor.wrote", second.turnId, NOON + 2],
        ]);
      });

      test("has one notice a minute of a visitor who writes again and again", async () => {
        await wantPeople();
        const { conversationId } = await ask("one");
        await store.takeOver(conversationId, { name: "Ada", at: NOON });
        const write = (at: number) => store.beginTurn(newTurn({ sessionId: "one", at }));
        for (let ms = 1; ms <= 5; ms += 1) await write(NOON + ms);
        const [first, ...more] = await claim({ now: NOON + 9 });
        expect([first?.at, more]).toEqual([NOON + 1, []]);
        await end(first?.seq, { at: NOON + 10 });
        for (let ms = 11; ms <= 15; ms += 1) await write(NOON + ms);
        expect(await store.nextNoticeAt(["webhook"])).toBe(NOON + 10 + SPACING_MS);
        const [second] = await claim({ now: NOON + 10 + SPACING_MS });
        expect(second?.at).toBe(NOON + 11);
        await end(second?.seq, { at: NOON + 10 + SPACING_MS });
        await write(NOON + 10 + 3 * SPACING_MS);
        expect(await store.nextNoticeAt(["webhook"])).toBe(NOON + 10 + 3 * SPACING_MS);
      });

      test("has at once what a visitor answers the owner", async () => {
        await wantPeople();
        const { conversationId } = await ask("one");
        await store.takeOver(conversationId, { name: "Ada", at: NOON });
        const write = (at: number) => store.beginTurn(newTurn({ sessionId: "one", at }));
        await write(NOON + 1);
        const [first] = await claim({ now: NOON + 2 });
        await end(first?.seq, { at: NOON + 3 });
        const word = { conversationId, turnId: "t_o", text: "Hello.", name: "Ada", at: NOON + 4 };
        await store.addOwnerMessage({ ...word, idempotencyKey: undefined });
        await write(NOON + 5);
        expect(await claim({ now: NOON + 5 })).toMatchObject([
          { kind: "visitor.wrote", at: NOON + 5 },
        ]);
      });

      test.each(["sent", "being sent"])(
        "has a request at once, also behind a rating that has changed since it was %s",
        async (state) => {
          const kinds = ["answer.rated", "handoff.requested"] as const;
          await store.wantNotices(kinds.map((kind) => ({ channel: "webhook", kind })));
          const { conversationId, turnId } = await ask("one");
          const rate = (at: number, comment: string) =>
            store.rateAnswer(turnId, { value: "negative", reasons: [], comment, at });
          await rate(NOON + 1, "No.");
          const [first] = await claim({ now: NOON + 1 });
          if (state === "sent") await end(first?.seq, { at: NOON + 2 });
          await rate(NOON + 3, "It is wrong.");
          const contact = { kind: "email", value: "a@example.com" } as const;
          const request = { id: "p_1", conversationId, contact, consent: "Yes.", at: NOON + 4 };
          await store.addRequest(request, { since: 0, max: 3 });
          if (state === "being sent") await end(first?.seq, { at: NOON + 5 });
          const [rated] = await claim({ now: NOON + 5 });
          expect(rated?.kind).toBe("answer.rated");
          await end(rated?.seq, { at: NOON + 6 });
          expect(await claim({ now: NOON + 6 })).toMatchObject([{ kind: "handoff.requested" }]);
        },
      );

      test("has what a visitor writes after the clock was set back, at once and then once a minute", async () => {
        await wantPeople();
        const { conversationId } = await ask("one");
        await store.takeOver(conversationId, { name: "Ada", at: NOON });
        const write = (at: number) => store.beginTurn(newTurn({ sessionId: "one", at }));
        await write(NOON + 1);
        const [first] = await claim({ now: NOON + 2 });
        await end(first?.seq, { at: NOON + 2 });
        const back = NOON - 30 * DAY_MS;
        await store.takeOver(conversationId, { name: "Ada", at: back });
        await write(back + 1);
        expect(await store.nextNoticeAt(["webhook"])).toBe(back + 1);
        const [second] = await claim({ now: back + 2 });
        await end(second?.seq, { at: back + 2 });
        await write(back + 3);
        expect(await store.nextNoticeAt(["webhook"])).toBe(back + 2 + SPACING_MS);
      });

      test("has nothing of a takeover from before the clock was set back", async () => {
        await wantPeople();
        const { conversationId } = await ask("one");
        await store.takeOver(conversationId, { name: "Ada", at: NOON });
        await ask("one", {}, NOON - 30 * DAY_MS);
        expect(await store.nextNoticeAt(["webhook"])).toBeUndefined();
      });

      test("has what a visitor writes while the owner answers, not what the owner writes, and nothing 30 minutes later", async () => {
        await wantPeople();
        const { conversationId } = await ask("one");
        await store.takeOver(conversationId, { name: "Ada", at: NOON });
        const word = { conversationId, turnId: "t_o", text: "Hello.", name: "Ada", at: NOON + 1 };
        await store.addOwnerMessage({ ...word, idempotencyKey: undefined });
        const turn = newTurn({ sessionId: "one", at: NOON + 2 });
        expect((await store.beginTurn(turn)).kind).toBe("person");
        await ask("one", {}, NOON + 1 + 30 * 60_000);
        expect(await claimAll()).toEqual([["visitor.wrote", turn.turnId, NOON + 2]]);
      });

      test("forgets what is wanted no more, and keeps what waits", async () => {
        await wantAll();
        await ask("one");
        await store.wantNotices([{ channel: "webhook", kind: "answer.failed" }]);
        await ask("two");
        await store.wantNotices([]);
        await ask("three", FAILED);
        expect((await claim()).map(({ kind }) => kind)).toEqual(["conversation.started"]);
      });
    });

    describe("a claim", () => {
      test("gets of each conversation the oldest notice that waits", async () => {
        await wantAll();
        await ask("one", FAILED);
        await ask("one", FAILED);
        await ask("two", FAILED);
        const first = await claim();
        expect(first.map(({ kind }) => kind)).toEqual([
          "conversation.started",
          "conversation.started",
        ]);
        expect(await claim({ owner: "b" })).toEqual([]);
        await end(first[0]?.seq);
        const [second] = await claim({ owner: "b" });
        expect(second).toMatchObject({
          kind: "answer.failed",
          conversationId: first[0]?.conversationId,
        });
        expect(await claim({ owner: "b" })).toEqual([]);
      });

      test("gets the oldest of all first, and no more than its limit", async () => {
        await wantAll();
        await ask("late", {}, NOON + 20);
        await ask("early", {}, NOON + 10);
        const [only, ...more] = await claim({ now: NOON + 30, limit: 1 });
        expect([only?.at, more]).toEqual([NOON + 10, []]);
        expect(await claim({ now: NOON + 30, channel: "mail" })).toEqual([]);
      });

      test("that is not ended in time is somebody else's, and its end changes nothing any more", async () => {
        await wantAll();
        await ask("one");
        const [mine] = await claim();
        expect(await claim({ owner: "b", now: NOON + LEASE_MS - 1 })).toEqual([]);
        const [theirs] = await claim({ owner: "b", now: NOON + LEASE_MS });
        // Whoever was killed has not used up an attempt.
        expect(theirs).toEqual(mine);
        expect(await end(mine?.seq)).toBe(false);
        expect(await end(theirs?.seq, { owner: "b" })).toBe(true);
        expect(await end(theirs?.seq, { owner: "b" })).toBe(false);
      });

      test("gets no notice of an erased conversation, and of a hidden one once it is restored", async () => {
        await wantAll();
        const erased = await ask("erased");
        const hidden = await ask("hidden");
        const inFlight = await ask("in flight");
        const [, , claimed] = await claim();
        await store.endAttempt(1, { state: "waiting", owner: "a", at: NOON, nextAt: NOON });
        await store.deleteConversation(erased.conversationId);
        await store.deleteConversation(inFlight.conversationId);
        await store.hideConversation(hidden.conversationId, NOON + 60_000);
        expect(await end(claimed?.seq)).toBe(false);
        expect(await claim({ now: NOON + LEASE_MS })).toEqual([]);
        await store.restoreConversation(hidden.conversationId, NOON);
        const found = await claim({ now: NOON + LEASE_MS });
        expect(found.map(({ conversationId }) => conversationId)).toEqual([hidden.conversationId]);
      });

      test("of conversations that have expired gets nothing", async () => {
        await wantAll();
        await ask("one");
        while (!(await store.expireConversations(NOON + 1)).isDone);
        expect(await store.nextNoticeAt(["webhook"])).toBeUndefined();
      });
    });

    describe("an attempt that failed", () => {
      test("is repeated at its time, and the later ones of the conversation wait for it", async () => {
        await wantAll();
        await ask("one", FAILED);
        const [first] = await claim();
        const error = "Nothing listens at this address.";
        await end(first?.seq, { state: "waiting", nextAt: NOON + 5000, error });
        await ask("one", FAILED, NOON + 10);
        expect(await store.nextNoticeAt(["webhook"])).toBe(NOON + 5000);
        expect(await claim({ now: NOON + 4999 })).toEqual([]);
        expect(await stateOf()).toEqual({
          channel: "webhook",
          waiting: 3,
          nextAt: NOON + 5000,
          givenUp: 0,
          deliveredAt: undefined,
          failedAt: NOON,
          error,
          off: undefined,
        });
        const [again] = await claim({ now: NOON + 5000 });
        expect(again).toEqual({ ...first, attempts: 2 } as typeof again & object);
        await end(again?.seq, { at: NOON + 5001 });
        expect(await store.nextNoticeAt(["webhook"])).toBe(NOON + 5001);
        expect(await stateOf()).toMatchObject({ waiting: 2, deliveredAt: NOON + 5001, error });
      });

      test("for the last time is given up, shown, and can be sent again", async () => {
        await wantAll();
        const { conversationId } = await ask("one", FAILED);
        const [first] = await claim();
        await end(first?.seq, { state: "given_up", error: "No such user.", at: NOON + 1 });
        expect(await store.listGivenUp("webhook", 10)).toEqual([
          {
            ...first,
            endedAt: NOON + 1,
            error: "No such user.",
            conversationId,
          } as never,
        ]);
        // The next one of the conversation does not wait for it any more.
        expect((await claim({ now: NOON + 1 })).map(({ kind }) => kind)).toEqual(["answer.failed"]);
        expect(await stateOf()).toMatchObject({ givenUp: 1, waiting: 1 });
        expect(await store.sendAgain("mail", NOON + 2)).toBe(0);
        expect(await store.sendAgain("webhook", NOON + 2)).toBe(1);
        const [again] = await claim({ now: NOON + 2 });
        expect(again).toEqual(first as typeof again & object);
      });
    });

    test("a notice with nothing to say is dropped, without a trace", async () => {
      await wantAll();
      await ask("one", FAILED);
      const [first] = await claim();
      expect(await end(first?.seq, { state: "dropped" })).toBe(true);
      expect(await stateOf()).toMatchObject({ waiting: 1, deliveredAt: undefined });
      expect((await claim()).map(({ kind }) => kind)).toEqual(["answer.failed"]);
    });

    test("an attempt that was cut off by no fault of the receiver is no failure of the channel, and does not count", async () => {
      await wantAll();
      await ask("one");
      const [first] = await claim();
      expect(await end(first?.seq, { state: "waiting", nextAt: NOON })).toBe(true);
      expect(await stateOf()).toMatchObject({ waiting: 1, failedAt: undefined, error: undefined });
      expect(await claim()).toMatchObject([{ seq: first?.seq, attempts: 1 }]);
    });

    test("a channel whose receiver wants nothing more is off until it is switched on", async () => {
      await wantAll();
      await ask("one", FAILED);
      await store.switchChannelOff("webhook", "https://a.example", NOON + 5);
      expect(await stateOf()).toMatchObject({
        waiting: 0,
        givenUp: 2,
        off: { address: "https://a.example", at: NOON + 5 },
      });
      expect((await store.listGivenUp("webhook", 1)).map(({ error }) => error)).toEqual([
        SWITCHED_OFF,
      ]);
      await ask("two");
      expect(await store.nextNoticeAt(["webhook"])).toBeUndefined();
      await store.switchChannelOn("webhook");
      expect((await stateOf())?.off).toBeUndefined();
    });

    test("a trial leaves its result, and no notice", async () => {
      await store.noteTrial("mail", NOON, "It failed.");
      expect(await stateOf("mail")).toMatchObject({ failedAt: NOON, error: "It failed." });
      await store.noteTrial("mail", NOON + 1, undefined);
      expect(await stateOf("mail")).toMatchObject({ deliveredAt: NOON + 1, waiting: 0 });
    });

    test("a notice of no conversation is added once for its id and channel", async () => {
      const week = {
        channel: "mail",
        kind: "summary.weekly",
        eventId: "msg_w1",
        at: NOON,
      } as const;
      expect(await store.addNotice(week)).toBe(true);
      expect(await store.addNotice(week)).toBe(false);
      expect(await store.addNotice({ ...week, channel: "webhook" })).toBe(true);
      const claimed = await claim({ channel: "mail" });
      expect(claimed).toEqual([
        {
          ...week,
          seq: expect.any(Number),
          attempts: 1,
          conversationId: undefined,
          turnId: undefined,
        },
      ]);
    });

    test("what is behind a notice that was given up is tried after an hour at the latest", async () => {
      await wantAll();
      await ask("one", FAILED);
      const before = { now: NOON, waiting: NOON, delivered: NOON, answerable: NOON, givenUp: NOON };
      await store.switchChannelOff("webhook", "https://a.example", NOON);
      await store.sendAgain("webhook", BEHIND_ANOTHER);
      expect(await claim({ now: NOON + 9_999 })).toEqual([]);
      await store.forgetNotices({ ...before, channels: ["webhook"] });
      const found = await claim({ now: NOON + 9_999 });
      expect(found.map(({ kind }) => kind)).toEqual(["conversation.started"]);
    });

    test("what is due later than any pause lasts, since the clock was set back, is due within an hour", async () => {
      await wantAll();
      await ask("one", FAILED);
      const [first] = await claim();
      await end(first?.seq, { state: "waiting", nextAt: NOON, error: "No." });
      const back = NOON - 30 * DAY_MS;
      const before = { waiting: 0, delivered: 0, answerable: 0, givenUp: 0 };
      const look = (now: number) => store.forgetNotices({ ...before, now, channels: ["webhook"] });
      await look(NOON - MAX_WAIT_MS);
      expect(await store.nextNoticeAt(["webhook"])).toBe(NOON);
      await look(back);
      expect(await claim({ now: back })).toMatchObject([{ seq: first?.seq, attempts: 2 }]);
      await end(first?.seq, { at: back });
      // What waited behind it is from that time, too.
      await look(back);
      expect(await claim({ now: back })).toMatchObject([{ kind: "answer.failed" }]);
    });

    test("what was delivered with a receipt is kept for its own time, and little is deleted at once", async () => {
      await store.wantNotices([{ channel: "webhook", kind: "conversation.started" }]);
      for (let visitor = 0; visitor <= FORGET_AT_ONCE; visitor += 1) await ask(`${visitor}`);
      const claimed = await claim({ limit: 9999 });
      const [answerable] = claimed;
      for (const { seq } of claimed) {
        await end(seq, seq === answerable?.seq ? { receipt: "1" } : {});
      }
      const old = { waiting: NOON, delivered: NOON + 1, answerable: NOON, givenUp: NOON };
      const before = { now: NOON + 9, channels: ["webhook"] as const, ...old };
      expect(await store.forgetNotices(before)).toBe(false);
      expect(await store.forgetNotices(before)).toBe(true);
      expect(await store.findReceipt("webhook", "1")).toBeDefined();
      await store.forgetNotices({ ...before, answerable: NOON + 1 });
      expect(await store.findReceipt("webhook", "1")).toBeUndefined();
    });

    test("a receipt leads to the conversation that its notice was about", async () => {
      await wantAll();
      const { conversationId, turnId } = await ask("one", FAILED);
      for (let count = 0; count < 2; count += 1) {
        const [claimed] = await claim();
        await end(claimed?.seq, { receipt: `42${count}` });
      }
      expect(await store.findReceipt("webhook", "421")).toEqual({ conversationId, turnId });
      expect(await store.findReceipt("webhook", "4")).toBeUndefined();
      expect(await store.findReceipt("telegram", "421")).toBeUndefined();
      await store.deleteConversation(conversationId);
      expect(await store.findReceipt("webhook", "421")).toBeUndefined();
    });

    test("notices are forgotten a time after their end, and given up where their channel is not set up any more", async () => {
      await wantAll();
      await ask("delivered");
      await ask("given up");
      await ask("waits", FAILED);
      await ask("waits", FAILED, NOON + 5);
      const [first, second] = await claim({ limit: 2 });
      await end(first?.seq, { at: NOON });
      await end(second?.seq, { state: "given_up", error: "No.", at: NOON });
      const old = { waiting: NOON + 1, delivered: NOON, answerable: NOON, givenUp: NOON + 1 };
      const before = { now: NOON + 9, channels: ["webhook"] as const, ...old };
      await store.forgetNotices({ ...before, givenUp: NOON });
      expect(await stateOf()).toMatchObject({ waiting: 3, givenUp: 1 });
      await store.forgetNotices({ ...before, waiting: NOON + 99 });
      expect(await stateOf()).toMatchObject({ waiting: 3, givenUp: 0 });
      await store.forgetNotices({ ...before, channels: ["mail"] });
      expect(await store.listGivenUp("webhook", 9)).toMatchObject([
        { kind: "answer.failed", error: WAITED_TOO_LONG },
        { kind: "conversation.started", error: WAITED_TOO_LONG },
      ]);
      // What was behind them is tried when the channel is there again.
      const again = await claim({ now: NOON + 5 });
      expect(again).toMatchObject([{ kind: "answer.failed", at: NOON + 5 }]);
      await store.forgetNotices({ ...before, givenUp: NOON + 10 });
      expect(await stateOf()).toMatchObject({ givenUp: 0, deliveredAt: NOON });
    });
  },
);
