import { describe, expect, test } from "bun:test";

import { addDueSummary } from "../../src/notices/weekly-schedule.ts";
import { readWeeklySummary } from "../../src/notices/weekly-summary.ts";
import { weeklyWordsOf } from "../../src/notices/weekly-text.ts";
import { LocalDays, UTC_DAYS } from "../../src/runtime/local-days.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../../src/runtime/time.ts";
import type { Store } from "../../src/store/store.ts";
import { forEachStore } from "../store/contract/stores.ts";
import { storeSpent } from "../support/stored-spending.ts";
import { begin, newTurn, outcome, storeExchange } from "../support/stored-turns.ts";

/** 08:00 of a Monday in Berlin. */
const DUE = Date.parse("2026-11-23T07:00:00Z");
const BERLIN = new LocalDays(() => "Europe/Berlin");

let store: Store;

/** Looks at that time, as a process does that has just started. */
function look(at: number, days = BERLIN): Promise<void> {
  return addDueSummary({ store, days, now: () => at });
}

/** The mails that wait: their ids and when they were due. */
async function waiting() {
  const far = DUE + 100 * DAY_MS;
  const claim = { channel: "mail", limit: 99, owner: "me", now: far, until: far + 1 } as const;
  const notices = await store.claimNotices(claim);
  return notices.map(({ kind, eventId, at }) => ({ kind, eventId, at }));
}

async function ask(question: string, at: number, sessionId: string) {
  return storeExchange(store, { question, at, sessionId });
}

/** A question that the owner's pages do not answer. */
async function askInVain(question: string, at: number, sessionId: string) {
  const turn = newTurn({ question, at, sessionId });
  const { conversationId } = await begin(store, turn);
  const end = { content: "I do not know.", grounding: "none", sources: [], at } as const;
  await store.finishTurn(turn.turnId, outcome({ ...end, durationMs: 0 }));
  return { conversationId, turnId: turn.turnId };
}

forEachStore(
  (each) => {
    store = each;
  },
  () => {
    describe("the weekly summary", () => {
      test("is noted on Monday at 08:00, once, by however many processes and restarts", async () => {
        await look(DUE - 1);
        expect(await waiting()).toEqual([]);
        await Promise.all([look(DUE), look(DUE), look(DUE + MINUTE_MS)]);
        await look(DUE + 3 * HOUR_MS);
        await look(DUE + 6 * DAY_MS);
        expect(await waiting()).toEqual([
          { kind: "summary.weekly", eventId: "msg_weekly_2026-11-23", at: DUE },
        ]);
        await look(DUE + 7 * DAY_MS);
        expect((await waiting()).map(({ eventId }) => eventId)).toEqual(["msg_weekly_2026-11-30"]);
      });

      test("comes a day late at most, because a server was off", async () => {
        await look(DUE + DAY_MS + 1);
        expect(await waiting()).toEqual([]);
        await look(DUE + DAY_MS);
        expect((await waiting()).map(({ at }) => at)).toEqual([DUE]);
      });

      test("says what happened in the week, beside the week before", async () => {
        const inWeek = Date.parse("2026-11-18T12:00:00Z");
        // The last minute of the week, and the first of the next one. These stores count days in UTC.
        const lastAt = Date.parse("2026-11-22T23:59:00Z");
        await ask("When?", inWeek - 7 * DAY_MS, "before");
        const one = await ask("When?", inWeek, "one");
        await ask("Where?", lastAt, "two");
        await ask("Where?", lastAt + MINUTE_MS, "next week");
        // As the overview and the budgets count them, whatever was reported.
        await storeSpent(store, inWeek, { inputTokens: 1000, outputTokens: 234 });
        await storeSpent(store, lastAt + MINUTE_MS, { inputTokens: 1 });
        await storeSpent(store, inWeek - 7 * DAY_MS, { inputTokens: 50, outputTokens: 5 });
        const rating = { reasons: [], at: inWeek };
        await store.rateAnswer(one.turnId, { value: "positive", ...rating });
        await askInVain("Do you ship to Norway?", inWeek - 7 * DAY_MS, "long ago");
        await askInVain("Which sizes?", inWeek, "three");
        await askInVain("Do you ship\nto Peru?", inWeek, "four");
        const last = await askInVain("to Peru do you ship?", inWeek, "five");
        await store.rateAnswer(last.turnId, { value: "negative", ...rating });
        await store.addRequest(
          {
            id: "p_1",
            conversationId: last.conversationId,
            contact: { kind: "email", value: "anna@visitor.example" },
            note: "Please!\n- 99 visitors wait",
            consent: "Yes",
            at: inWeek,
          },
          { since: 0, max: 9 },
        );
        const summary = await readWeeklySummary(store, UTC_DAYS, DUE);
        const words = weeklyWordsOf(summary, "https://chat.example.com/dashboard");
        expect(words.subject).toBe("Your week: 16 November to 22 November");
        expect(words.text)
          .toBe(`Your chat from Monday 16 November to Sunday 22 November, and in brackets the week before:

New conversations: 5 (2)
Messages: 10 (4)
Failed answers: 0% (0%)
Time to the first word: 12 ms (12 ms)
Rated up: 50% of 2 (no ratings)
Tokens: 1,234 (55)

1 visitor waits for a person:
- anna@visitor.example, since 18 November: Please! - 99 visitors wait
  https://chat.example.com/dashboard/conversations/${last.conversationId}

Asked without a good answer:
- to Peru do you ship? (2 times)
- Which sizes?
Write the answers once:
https://chat.example.com/dashboard/knowledge/unanswered

The dashboard:
https://chat.example.com/dashboard
`);
      });
    });
  },
);

test("the weekly summary of a week without visitors says so, and nothing of what there was not", async () => {
  store = (await import("../../src/store/sqlite/open.ts")).openSqliteStore(":memory:");
  const { text } = weeklyWordsOf(await readWeeklySummary(store, BERLIN, DUE), undefined);
  expect(text).toBe(`From Monday 16 November to Sunday 22 November, nobody began a conversation.

New conversations: 0 (0)
Messages: 0 (0)
Failed answers: – (–)
Time to the first word: – (–)
Rated up: no ratings (no ratings)
Tokens: 0 (0)
`);
  await store.close();
});

test.each([
  ["UTC", "2026-11-23T08:00:00Z"],
  ["Pacific/Kiritimati", "2026-11-22T18:00:00Z"],
  ["America/Los_Angeles", "2026-11-23T16:00:00Z"],
  // Clocks are set during the night to Sunday or to Monday.
  ["Europe/Berlin", "2026-03-30T06:00:00Z"],
  ["Asia/Amman", "2021-10-25T05:00:00Z"],
  ["Africa/Cairo", "2026-11-02T06:00:00Z"],
])("the weekly summary is due when the clocks of %s show 08:00 on Monday", async (zone, due) => {
  const added: (readonly [number, string])[] = [];
  const addNotice = async ({ at, eventId }: { at: number; eventId: string }) => {
    added.push([at, eventId]);
    return true;
  };
  const days = new LocalDays(() => zone);
  const at = Date.parse(due);
  const deps = { store: { addNotice }, days };
  await addDueSummary({ ...deps, now: () => at });
  const date = new Date(days.clockAt(at)).toISOString();
  expect(added).toEqual([[at, `msg_weekly_${date.slice(0, 10)}`]]);
  expect(date.slice(11, 16)).toBe("08:00");
  // A minute before, it is the one of last week, which is too late now.
  await addDueSummary({ ...deps, now: () => at - MINUTE_MS });
  expect(added).toHaveLength(1);
});
