import { describe, expect, test } from "bun:test";

import { estimateTokens, mostTokens } from "../../../src/conversation/token-estimate.ts";
import type { Reservation } from "../../../src/store/spending-store.ts";
import type { Store } from "../../../src/store/store.ts";
import type { NewTurn } from "../../../src/store/turn-store.ts";
import { amount, DAY, MONTH, reservation, spent, ZERO } from "../../support/reservations.ts";
import {
  begin,
  mintedId,
  newTurn,
  NOON,
  outcome,
  storeExchange,
} from "../../support/stored-turns.ts";
import { forEachStore } from "./stores.ts";

let store: Store;

/** A turn of a new session, for which something is set aside. */
function budgeted(parts: Partial<Reservation> = {}, turn: Partial<NewTurn> = {}): NewTurn {
  const sessionId = crypto.randomUUID();
  return newTurn({ sessionId, reservation: reservation(parts), ...turn });
}

async function sumsOf(period: string) {
  const [found] = await store.spentIn([period]);
  return found;
}

forEachStore(
  (each) => {
    store = each;
  },
  () => {
    describe("a turn with a budget", () => {
      test("sets aside what it may cost, and is counted as what it has cost", async () => {
        const turn = budgeted({ prices: { input: 0.4, output: 1.6 } });
        expect(await store.beginTurn(turn)).toMatchObject({ kind: "begun" });
        for (const period of [DAY, MONTH]) {
          // 60 × 0.4 + 40 × 1.6
          expect(await sumsOf(period)).toEqual({ period, ...ZERO, held: amount(60, 40, 88) });
        }
        await store.finishTurn(turn.turnId, outcome({ spent: spent([50, 10, 36]) }));
        for (const period of [DAY, MONTH]) {
          expect(await sumsOf(period)).toEqual({ period, ...amount(50, 10, 36), held: ZERO });
        }
        expect((await store.findTurn(turn.turnId))?.answer.cost).toBe(36);
      });

      test("is counted once, however often it is ended", async () => {
        const turn = budgeted();
        await store.beginTurn(turn);
        const end = outcome({ spent: spent([50, 10, 60]) });
        expect(await store.finishTurn(turn.turnId, end)).toBe(true);
        expect(await store.finishTurn(turn.turnId, end)).toBe(false);
        const other = outcome({ status: "stopped", spent: spent([1, 1, 2]) });
        expect(await store.finishTurn(turn.turnId, other)).toBe(false);
        expect(await sumsOf(DAY)).toMatchObject({ ...amount(50, 10, 60), held: ZERO });
      });

      test("is counted as a whole where nobody knows what it has cost", async () => {
        const turn = budgeted();
        await store.beginTurn(turn);
        await store.finishTurn(turn.turnId, outcome({ status: "interrupted", content: "" }));
        expect(await sumsOf(DAY)).toMatchObject({ ...amount(60, 40, 100), held: ZERO });
        expect((await store.findTurn(turn.turnId))?.answer.cost).toBe(100);
      });

      test("is counted as a whole after a crash, and not once more by whoever was taken for dead", async () => {
        const turn = budgeted();
        await store.beginTurn(turn);
        expect(await store.interruptUnfinishedTurns()).toBe(1);
        expect(await sumsOf(MONTH)).toMatchObject({ ...amount(60, 40, 100), held: ZERO });
        const late = outcome({ spent: spent([50, 10, 60]) });
        expect(await store.finishTurn(turn.turnId, late)).toBe(false);
        expect(await sumsOf(MONTH)).toMatchObject({ ...amount(60, 40, 100), held: ZERO });
      });

      test("is counted in the periods in which it began, whenever it ends", async () => {
        const turn = budgeted({ day: "2026-11-30" });
        await store.beginTurn(turn);
        const late = spent([50, 10, 60], { day: "2026-12-01", month: "2026-12" });
        await store.finishTurn(turn.turnId, outcome({ spent: late }));
        expect(await store.spentIn(["2026-11-30", MONTH, "2026-12-01", "2026-12"])).toMatchObject([
          { period: "2026-11-30", ...amount(50, 10, 60), held: ZERO },
          { period: MONTH, ...amount(50, 10, 60), held: ZERO },
          { period: "2026-12-01", ...ZERO, held: ZERO },
          { period: "2026-12", ...ZERO, held: ZERO },
        ]);
      });

      test("sets aside the earlier messages of its conversation, too, and no less than they may cost at most", async () => {
        const [first, one] = ["When do you open?", "Um neun Uhr früh 🙂."];
        const [second, two] = ["荷物", '"\n"'];
        const [third, three] = ["Why?", "I see."];
        await storeExchange(store, { question: first, answer: one });
        await storeExchange(store, { question: second, answer: two });
        await storeExchange(store, { question: third, answer: three });
        const turn = newTurn({ question: "And now?", reservation: reservation() });
        expect((await begin(store, turn)).history).toHaveLength(7);
        const earlier =
          mostTokens(first) +
          mostTokens(second) +
          mostTokens(third) +
          estimateTokens(one) +
          estimateTokens(two) +
          estimateTokens(three);
        const held = (await sumsOf(DAY))?.held.inputTokens ?? 0;
        expect(held).toBeGreaterThanOrEqual(60 + earlier);
        expect(held).toBeLessThan(60 + 1.5 * earlier);
      });

      test("is counted where its conversation is erased or hidden before it ends", async () => {
        for (const remove of [
          (id: string) => store.deleteConversation(id),
          (id: string) => store.hideConversation(id, NOON + 1),
        ]) {
          const turn = budgeted();
          await remove((await begin(store, turn)).conversationId);
          expect((await sumsOf(DAY))?.held).toEqual(amount(60, 40, 100));
          const end = outcome({ spent: spent([5, 1, 6]) });
          expect(await store.finishTurn(turn.turnId, end)).toBe(false);
        }
        expect(await sumsOf(DAY)).toMatchObject({ ...amount(10, 2, 12), held: ZERO });
      });

      test("sets nothing aside where it has begun earlier, is busy, full or left to a person", async () => {
        const sessionId = mintedId("one");
        const { conversationId } = await storeExchange(store, { sessionId });
        const turn = () => newTurn({ sessionId, idempotencyKey: "k", reservation: reservation() });
        const first = turn();
        await store.beginTurn(first);
        const held = (await sumsOf(DAY))?.held;
        expect(await store.beginTurn(turn())).toMatchObject({ kind: "earlier" });
        expect(await store.beginTurn({ ...turn(), idempotencyKey: "other" })).toEqual({
          kind: "busy",
        });
        expect((await sumsOf(DAY))?.held).toEqual(held);
        await store.finishTurn(first.turnId, outcome({ spent: spent([0, 0, 0]) }));
        await store.takeOver(conversationId, { name: "Anna", at: NOON });
        const asked = { ...turn(), idempotencyKey: undefined };
        expect(await store.beginTurn(asked)).toMatchObject({ kind: "person" });
        await store.giveBack(conversationId);
        const left = { ...turn(), idempotencyKey: undefined, isForPerson: true };
        expect(await store.beginTurn(left)).toMatchObject({ kind: "person" });
        expect(await sumsOf(DAY)).toMatchObject({ ...ZERO, held: ZERO });
      });
    });

    describe("a question that is left to a person by whoever asks it", () => {
      test("is stored with an empty answer, also in a new conversation and at the limit", async () => {
        const turn = budgeted({ perDay: 1 }, { isForPerson: true, idempotencyKey: "k" });
        const asked = await store.beginTurn(turn);
        expect<unknown>(asked).toEqual({ kind: "person", turn: await store.findTurn(turn.turnId) });
        expect(await store.findTurn(turn.turnId)).toMatchObject({
          question: turn.question,
          answer: { content: "", status: "complete", finishReason: "person" },
        });
        const repeated = await store.beginTurn({ ...turn, turnId: "t_other" });
        expect(repeated).toMatchObject({ kind: "earlier", turn: { turnId: turn.turnId } });
      });
    });

    describe("a turn without a budget", () => {
      test("is counted when it ends, and nothing is set aside", async () => {
        const turn = newTurn();
        await store.beginTurn(turn);
        expect(await sumsOf(DAY)).toMatchObject({ ...ZERO, held: ZERO });
        const own = spent([50, 10, 60], { isReserved: false });
        expect(await store.finishTurn(turn.turnId, outcome({ spent: own }))).toBe(true);
        expect(await store.finishTurn(turn.turnId, outcome({ spent: own }))).toBe(false);
        expect(await sumsOf(DAY)).toMatchObject({ ...amount(50, 10, 60), held: ZERO });
        expect(await sumsOf(MONTH)).toMatchObject({ ...amount(50, 10, 60), held: ZERO });
        expect((await store.findTurn(turn.turnId))?.answer.cost).toBe(60);
      });

      test("has tokens and no cost where no prices are known", async () => {
        const turn = newTurn();
        await store.beginTurn(turn);
        const own = spent([50, 10, undefined], { isReserved: false });
        await store.finishTurn(turn.turnId, outcome({ spent: own }));
        expect(await sumsOf(DAY)).toMatchObject(amount(50, 10, 0));
        expect((await store.findTurn(turn.turnId))?.answer).not.toHaveProperty("cost");
      });

      test("is counted where its conversation is erased or hidden before it ends", async () => {
        const own = spent([5, 1, 6], { isReserved: false });
        for (const remove of [
          (id: string) => store.deleteConversation(id),
          (id: string) => store.hideConversation(id, NOON + 1),
        ]) {
          const turn = newTurn({ sessionId: crypto.randomUUID() });
          await remove((await begin(store, turn)).conversationId);
          expect(await store.finishTurn(turn.turnId, outcome({ spent: own }))).toBe(false);
        }
        expect(await sumsOf(DAY)).toMatchObject(amount(10, 2, 12));
      });

      test("is counted in the day's sums that an erasure leaves as they are", async () => {
        const turn = newTurn();
        const { conversationId } = await begin(store, turn);
        const own = spent([5, 1, 6], { isReserved: false });
        await store.finishTurn(turn.turnId, outcome({ spent: own }));
        await store.deleteConversation(conversationId);
        expect(await sumsOf(DAY)).toMatchObject(amount(5, 1, 6));
      });
    });

    describe("a limit", () => {
      const LIMITS = [
        ["month", { perMonth: 299 }],
        ["day", { perDay: 299 }],
        ["party", { parties: [{ key: "p", limit: 299 }] }],
      ] as const;

      test.each(LIMITS)(
        "of a %s is never passed, and lets in what just fits",
        async (by, limit) => {
          const first = budgeted(limit);
          const second = budgeted(limit);
          expect(await store.beginTurn(first)).toMatchObject({ kind: "begun" });
          expect(await store.beginTurn(second)).toMatchObject({ kind: "begun" });
          const refused = budgeted(limit);
          expect(await store.beginTurn(refused)).toEqual({ kind: "refused", by, isForNow: true });
          expect(await store.reserve(reservation(limit))).toEqual({ by, isForNow: true });
          // What is spent in fact is less than what was set aside.
          await store.finishTurn(first.turnId, outcome({ spent: spent([50, 49, 99]) }));
          await store.finishTurn(second.turnId, outcome({ spent: spent([50, 50, 100]) }));
          const third = budgeted(limit);
          expect(await store.beginTurn(third)).toMatchObject({ kind: "begun" });
          await store.finishTurn(third.turnId, outcome({ spent: spent([50, 51, 101]) }));
          expect(await store.beginTurn(budgeted(limit))).toEqual({
            kind: "refused",
            by,
            isForNow: false,
          });
          expect(await store.findConversationBySession(refused.sessionId)).toBeUndefined();
          expect(await store.findTurn(refused.turnId)).toBeUndefined();
        },
      );

      test("in tokens does not ask what they cost, and one in money not how many they are", async () => {
        const inTokens = reservation({
          unit: "tokens",
          perDay: 100,
          prices: { input: 99, output: 99 },
        });
        expect(await store.reserve(inTokens)).toBeUndefined();
        expect(await store.reserve(reservation({ unit: "tokens", perDay: 199 }))).toMatchObject({
          by: "day",
        });
        const free = reservation({ perDay: 9900, prices: { input: 0, output: 0 } });
        expect(await store.reserve(free)).toBeUndefined();
      });

      test("that is used up is returned rather than one that calls under way fill", async () => {
        await store.settle("x", {
          day: DAY,
          month: MONTH,
          amount: amount(0, 0, 50),
          isReserved: false,
        });
        await store.reserve(reservation());
        const refused = await store.reserve(
          reservation({ perMonth: 200, perDay: 149, parties: [{ key: "p", limit: 10 }] }),
        );
        expect(refused).toEqual({ by: "day", isForNow: false });
      });

      test("of a party is one for that party on that day only", async () => {
        const own = { parties: [{ key: "p", limit: 150 }] };
        await store.reserve(reservation(own));
        expect(await store.reserve(reservation(own))).toEqual({ by: "party", isForNow: true });
        const both = [
          { key: "other", limit: 150 },
          { key: "p", limit: 150 },
        ];
        expect(await store.reserve(reservation({ parties: both }))).toMatchObject({ by: "party" });
        const other = { parties: [{ key: "other", limit: 150 }] };
        expect(await store.reserve(reservation(other))).toBeUndefined();
        const tomorrow = { ...own, day: "2026-11-24" };
        expect(await store.reserve(reservation(tomorrow))).toBeUndefined();
        // The clock is set back: what is set aside on that day still counts.
        expect(await store.reserve(reservation(own))).toMatchObject({ by: "party" });
      });

      test("of a party counts what is in two of its keys once for each", async () => {
        const same = [
          { key: "p", limit: 200 },
          { key: "p", limit: 200 },
        ];
        expect(await store.reserve(reservation({ parties: same }))).toBeUndefined();
        expect(await store.reserve(reservation({ parties: same }))).toBeUndefined();
        expect(await store.reserve(reservation({ parties: same }))).toMatchObject({ by: "party" });
      });

      test("is one of its period: each day begins anew, and the month goes on", async () => {
        const limits = { perDay: 100, perMonth: 250 };
        expect(await store.reserve(reservation({ ...limits, day: "2026-11-01" }))).toBeUndefined();
        expect(await store.reserve(reservation({ ...limits, day: "2026-11-01" }))).toMatchObject({
          by: "day",
        });
        expect(await store.reserve(reservation({ ...limits, day: "2026-11-02" }))).toBeUndefined();
        expect(await store.reserve(reservation({ ...limits, day: "2026-11-03" }))).toMatchObject({
          by: "month",
        });
        const next = { ...limits, day: "2026-12-01", month: "2026-12" };
        expect(await store.reserve(reservation(next))).toBeUndefined();
      });
    });

    describe("a call that is no turn", () => {
      test("is set aside once and settled once", async () => {
        const call = reservation();
        await store.reserve(call);
        await store.reserve(call);
        expect((await sumsOf(DAY))?.held).toEqual(amount(60, 40, 100));
        const end = { day: DAY, month: MONTH, amount: amount(7, 3, 10), isReserved: true };
        await store.settle(call.id, end);
        await store.settle(call.id, end);
        expect(await sumsOf(DAY)).toMatchObject({ ...amount(7, 3, 10), held: ZERO });
      });

      test("is counted as a whole without an amount", async () => {
        const call = reservation();
        await store.reserve(call);
        await store.settle(call.id, {
          day: DAY,
          month: MONTH,
          amount: undefined,
          isReserved: true,
        });
        expect(await sumsOf(MONTH)).toMatchObject({ ...amount(60, 40, 100), held: ZERO });
      });

      test("without a budget is counted in the periods that it names", async () => {
        const end = { day: DAY, month: MONTH, amount: amount(7, 3, 10) };
        await store.settle("one", { ...end, isReserved: false });
        await store.settle("two", { ...end, isReserved: false });
        await store.settle("three", { ...end, amount: undefined, isReserved: false });
        expect(await sumsOf(DAY)).toMatchObject({ ...amount(14, 6, 20), held: ZERO });
      });

      test("is left as it is by settleOrphans while its process may be at it", async () => {
        await store.reserve(reservation({ at: Date.now() }));
        expect(await store.settleOrphans(DAY)).toBe(0);
        expect((await sumsOf(DAY))?.held).toEqual(amount(60, 40, 100));
      });
    });

    test("the parties of earlier days are forgotten, and the sums of everybody are kept", async () => {
      const party = (day: string) => reservation({ day, parties: [{ key: "p", limit: 150 }] });
      for (const day of ["2026-11-22", DAY]) {
        const call = party(day);
        await store.reserve(call);
        await store.settle(call.id, { day, month: MONTH, amount: undefined, isReserved: true });
        expect(await store.reserve(party(day))).toEqual({ by: "party", isForNow: false });
      }
      await store.settleOrphans(DAY);
      expect(await store.reserve(party(DAY))).toEqual({ by: "party", isForNow: false });
      expect(await store.reserve(party("2026-11-22"))).toBeUndefined();
      expect((await sumsOf("2026-11-22"))?.cost).toBe(100);
    });

    test("the days of a range are returned in their order, without months and without empty ones", async () => {
      const count = (day: string) =>
        store.settle(crypto.randomUUID(), {
          day,
          month: day.slice(0, 7),
          amount: amount(1, 2, 3),
          isReserved: false,
        });
      for (const day of ["2026-12-01", "2026-11-30", "2026-10-31", "2026-11-30"]) await count(day);
      const days = await store.spentByDay("2026-10-31", "2026-12-01");
      expect(days).toEqual([
        { period: "2026-10-31", ...amount(1, 2, 3), held: ZERO },
        { period: "2026-11-30", ...amount(2, 4, 6), held: ZERO },
        { period: "2026-12-01", ...amount(1, 2, 3), held: ZERO },
      ]);
      expect(await store.spentByDay("2026-11-01", "2026-11-29")).toEqual([]);
    });

    test("a mark of a period is noted once, whether or not anything was spent", async () => {
      expect(
        await store.noteSpending({ period: DAY, mark: "warning", limit: 1000, at: NOON }),
      ).toBe(true);
      expect(
        await store.noteSpending({ period: DAY, mark: "warning", limit: 1000, at: NOON + 1 }),
      ).toBe(false);
      expect(
        await store.noteSpending({ period: DAY, mark: "reached", limit: 1000, at: NOON + 1 }),
      ).toBe(true);
      expect(
        await store.noteSpending({ period: MONTH, mark: "warning", limit: 1000, at: NOON + 1 }),
      ).toBe(true);
      expect(
        await store.noteSpending({
          period: "2026-11-24",
          mark: "reached",
          limit: 1000,
          at: NOON + 1,
        }),
      ).toBe(true);
      expect(
        await store.noteSpending({
          period: "2026-11-24",
          mark: "warning",
          limit: 1000,
          at: NOON + 2,
        }),
      ).toBe(false);
      expect(await sumsOf(DAY)).toEqual({ period: DAY, ...ZERO, held: ZERO });
    });

    test("a budget that is raised is noted again, also as a notice, and one that is lowered to what was noted is not", async () => {
      await store.wantNotices([{ channel: "mail", kind: "budget.reached" }]);
      const note = (mark: "warning" | "reached", limit: number) =>
        store.noteSpending({ period: DAY, mark, limit, at: NOON });
      expect(await note("reached", 1000)).toBe(true);
      expect(await note("warning", 2000)).toBe(true);
      expect(await note("reached", 2000)).toBe(true);
      expect(await note("reached", 2000)).toBe(false);
      expect(await note("warning", 2000)).toBe(false);
      const times = { now: NOON, until: NOON + 1 };
      const claimed = await store.claimNotices({ channel: "mail", limit: 9, owner: "a", ...times });
      expect(claimed.map(({ turnId }) => turnId)).toEqual([DAY, DAY]);
    });

    test("a mark becomes a notice with its period, once for each channel that wants it", async () => {
      await store.wantNotices([
        { channel: "mail", kind: "budget.warning" },
        { channel: "webhook", kind: "budget.warning" },
        { channel: "webhook", kind: "budget.reached" },
      ]);
      await store.reserve(reservation());
      const claim = async (channel: "mail" | "webhook") => {
        const times = { now: NOON, until: NOON + 1 };
        const claimed = await store.claimNotices({ channel, limit: 9, owner: "a", ...times });
        return claimed.map(({ kind, turnId, conversationId, at }) => ({
          kind,
          turnId,
          conversationId,
          at,
        }));
      };
      expect(await claim("webhook")).toEqual([]);
      for (const period of [DAY, MONTH, DAY])
        await store.noteSpending({ period, mark: "warning", limit: 1000, at: NOON });
      await store.noteSpending({ period: MONTH, mark: "reached", limit: 1000, at: NOON });
      const about = { conversationId: undefined, at: NOON };
      const warnings = [DAY, MONTH].map((turnId) => ({
        kind: "budget.warning" as const,
        turnId,
        ...about,
      }));
      expect(await claim("mail")).toEqual(warnings);
      expect(await claim("webhook")).toEqual([
        ...warnings,
        { kind: "budget.reached", turnId: MONTH, ...about },
      ]);
    });
  },
);
