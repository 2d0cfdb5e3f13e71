import { afterEach, expect, test } from "bun:test";

import { hasPostgres, sharedPostgres } from "../../../harness/postgres.ts";
import { LocalDays } from "../../../src/runtime/local-days.ts";
import { DAY_MS } from "../../../src/runtime/time.ts";
import { openPostgresStore } from "../../../src/store/postgres/open.ts";
import { openSqliteStore } from "../../../src/store/sqlite/open.ts";
import type { Store } from "../../../src/store/store.ts";
import { begin, newTurn, outcome } from "../../support/stored-turns.ts";

type Open = (dayOf: (time: number) => number) => Promise<Store>;

const STORES: readonly (readonly [string, Open])[] = [
  ["SQLite", async (dayOf) => openSqliteStore(":memory:", { dayOf })],
  ...(hasPostgres
    ? [
        [
          "PostgreSQL",
          async (dayOf: (time: number) => number) => {
            const url = await (await sharedPostgres()).createDatabase();
            return (await openPostgresStore(url, { dayOf })).store;
          },
        ] as const,
      ]
    : []),
];

/** The minutes around midnight on the days when clocks are set, and the dates that they belong to. */
const MIDNIGHTS = [
  ["Europe/Berlin", "2026-03-28T22:59:59Z", "2026-03-28", "2026-03-28T23:00:00Z", "2026-03-29"],
  ["Europe/Berlin", "2026-03-29T21:59:59Z", "2026-03-29", "2026-03-29T22:00:00Z", "2026-03-30"],
  ["Europe/Berlin", "2026-10-24T21:59:59Z", "2026-10-24", "2026-10-24T22:00:00Z", "2026-10-25"],
  ["Europe/Berlin", "2026-10-25T22:59:59Z", "2026-10-25", "2026-10-25T23:00:00Z", "2026-10-26"],
  ["America/Santiago", "2026-09-06T03:59:59Z", "2026-09-05", "2026-09-06T04:00:00Z", "2026-09-06"],
  ["America/Santiago", "2026-04-05T03:59:59Z", "2026-04-04", "2026-04-05T04:00:00Z", "2026-04-05"],
] as const;

let store: Store;
afterEach(() => store.close());

/** The messages, answers with a first token, and tokens that are counted to each date. */
async function counted(): Promise<Record<string, number[]>> {
  const figures = await store.dailyFigures(0, Date.parse("2030-01-01"));
  return Object.fromEntries(
    figures.map(({ day, messages, tokens, groundings }) => [
      new Date(day).toISOString().slice(0, 10),
      [messages, tokens, groundings.cited],
    ]),
  );
}

test.each(STORES)(
  "%s counts a question and its answer to the day of the question in the owner's time zone",
  async (_, open) => {
    let zone = "UTC";
    const days = new LocalDays(() => zone);
    store = await open((time) => days.dayOf(time));
    const expected: Record<string, number[]> = {};
    for (const [index, [itsZone, before, dateBefore, after, dateAfter]] of MIDNIGHTS.entries()) {
      zone = itsZone;
      for (const [time, date] of [
        [before, dateBefore],
        [after, dateAfter],
      ] as const) {
        const at = Date.parse(time);
        const turn = newTurn({ sessionId: `v${index}-${date}`, at });
        await begin(store, turn);
        const usage = { promptTokens: 1, completionTokens: 2, totalTokens: 3 };
        // It ends on the next day.
        const end = { at: at + 5000, durationMs: 5000, usage, grounding: "cited" } as const;
        await store.finishTurn(turn.turnId, outcome(end));
        const [messages = 0, tokens = 0, cited = 0] = expected[date] ?? [];
        expected[date] = [messages + 2, tokens + 3, cited + 1];
      }
    }
    expect(await counted()).toEqual(expected);
  },
);

test.each(STORES)(
  "%s leaves the days as they were counted when the zone changes, and reads one by its date",
  async (_, open) => {
    let zone = "Pacific/Kiritimati";
    const days = new LocalDays(() => zone);
    store = await open((time) => days.dayOf(time));
    const at = Date.parse("2026-11-23T12:00:00Z");
    await begin(store, newTurn({ at }));
    zone = "UTC";
    await begin(store, newTurn({ sessionId: "other", at }));
    expect(await counted()).toEqual({ "2026-11-23": [2, 0, 0], "2026-11-24": [2, 0, 0] });
    const date = Date.parse("2026-11-24");
    expect(await store.dailyFigures(date, date + DAY_MS)).toMatchObject([{ day: date }]);
  },
);
