import { afterEach, beforeEach, describe, expect, jest, test } from "bun:test";

import { createLogger } from "../../src/runtime/logger.ts";
import type { ConversationPage } from "../../src/store/conversation-store.ts";
import { Retention } from "../../src/store/retention.ts";
import type { ExpiryStep } from "../../src/store/store.ts";
import { FakeClock } from "../support/fake-clock.ts";

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** The store's next answers; when they have run out, it has nothing more to delete. */
let script: (ExpiryStep | Error)[];
let calls: number[];
let lines: string[];
let loop: { isBehind: boolean };
let days: number | undefined;
/** When the newest conversation was last active; undefined with an empty store. */
let newestAt: number | undefined;
/** The machine's clock, which can be set, and the time that really passes. */
let clock: FakeClock;
let passedMs: number;
/** How far the database's clock is ahead of the machine's; undefined when it has none of its own. */
let databaseAheadMs: number | undefined;
let retention: Retention;

beforeEach(() => {
  jest.useFakeTimers();
  [script, calls, lines] = [[], [], []];
  loop = { isBehind: false };
  days = 30;
  clock = new FakeClock();
  passedMs = 0;
  databaseAheadMs = undefined;
  newestAt = clock.now();
  retention = start();
});

function start(): Retention {
  const log = createLogger({
    level: "info",
    format: "text",
    secrets: () => [],
    write: (line) => lines.push(line),
    now: clock.now,
  });
  return new Retention({
    store: { expireConversations, listConversations, databaseTime },
    days: () => days,
    loop,
    log,
    now: clock.now,
    monotonic: () => passedMs,
  });
}

afterEach(async () => {
  await retention.stop();
  jest.useRealTimers();
});

async function expireConversations(before: number): Promise<ExpiryStep> {
  calls.push(before);
  const next = script.shift() ?? { conversations: 0, isDone: true };
  if (next instanceof Error) throw next;
  return next;
}

async function listConversations(): Promise<ConversationPage> {
  const newest = {
    id: "c_1",
    sessionId: "visitor",
    createdAt: 0,
    lastMessage: "",
    messageCount: 2,
    firstQuestion: "",
    lastAnswer: "",
    lastStatus: "complete",
    isUnanswered: false,
    isRatedDown: false,
    isWanted: false,
  } as const;
  const conversations = newestAt === undefined ? [] : [{ ...newest, updatedAt: newestAt }];
  const total = conversations.length;
  return {
    conversations,
    total,
    newer: undefined,
    nextCursor: undefined,
    previousCursor: undefined,
  };
}

async function databaseTime(): Promise<number | undefined> {
  return databaseAheadMs === undefined ? undefined : clock.now() + databaseAheadMs;
}

/** Lets time pass, and then runs everything that waits for a promise. */
async function pass(ms: number): Promise<void> {
  passedMs += ms;
  jest.advanceTimersByTime(ms);
  for (let i = 0; i < 15; i += 1) await Promise.resolve();
}

const MORE: ExpiryStep = { conversations: 4, isDone: false };

describe("Retention", () => {
  test("deletes nothing at the very start of the server, and then conversations older than its days", async () => {
    await pass(4999);
    expect(calls).toEqual([]);
    await pass(1);
    expect(calls).toEqual([clock.now() - 30 * DAY_MS]);
  });

  test("runs again every hour", async () => {
    await pass(5000);
    await pass(HOUR_MS - 1);
    expect(calls).toHaveLength(1);
    clock.advance(HOUR_MS);
    await pass(1);
    await pass(HOUR_MS);
    expect(calls).toHaveLength(3);
    expect(calls[1]).toBe(clock.now() - 30 * DAY_MS);
  });

  test("takes step after step with pauses between them, and logs the sum", async () => {
    script = [MORE, MORE, { conversations: 2, isDone: true }];
    await pass(5000);
    expect(calls).toHaveLength(1);
    await pass(19);
    expect(calls).toHaveLength(1);
    await pass(1);
    expect(calls).toHaveLength(2);
    expect(lines).toEqual([]);
    await pass(20);
    expect(calls).toHaveLength(3);
    expect(new Set(calls).size).toBe(1);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain("deleted old conversations");
    expect(lines[0]).toContain("conversations=10");
  });

  test("logs nothing when there was nothing to delete", async () => {
    await pass(5000);
    expect(lines).toEqual([]);
  });

  test("deletes nothing while the owner keeps all, and begins a minute after he has said for how long", async () => {
    days = undefined;
    await retention.stop();
    retention = start();
    await pass(2 * HOUR_MS);
    expect(calls).toEqual([]);
    days = 7;
    retention.settingsChanged();
    await pass(MINUTE_MS - 1);
    expect(calls).toEqual([]);
    await pass(1);
    expect(calls).toEqual([clock.now() - 7 * DAY_MS]);
    // Another setting.
    retention.settingsChanged();
    await pass(HOUR_MS);
    expect(calls).toHaveLength(2);
  });

  test("ends in the middle when the owner changes the days, and goes by the new ones", async () => {
    script = [MORE, MORE, MORE];
    await pass(5000);
    days = 60;
    retention.settingsChanged();
    await pass(1000);
    expect(calls).toHaveLength(1);
    await pass(MINUTE_MS);
    expect(calls.slice(1)[0]).toBe(clock.now() - 60 * DAY_MS);
  });

  test("waits longer while the server is busy", async () => {
    script = [MORE];
    loop.isBehind = true;
    await pass(5000);
    await pass(999);
    expect(calls).toHaveLength(1);
    await pass(1);
    expect(calls).toHaveLength(2);
  });

  test("logs an error and what was deleted before it, and tries again an hour later", async () => {
    script = [MORE, new Error("disk full")];
    await pass(5000);
    await pass(20);
    expect(lines).toHaveLength(2);
    expect(lines[0]).toContain("disk full");
    expect(lines[1]).toContain("conversations=4");
    await pass(HOUR_MS);
    expect(calls).toHaveLength(3);
  });

  test("never begins when it is stopped before", async () => {
    await retention.stop();
    await pass(2 * HOUR_MS);
    expect(calls).toEqual([]);
    expect(jest.getTimerCount()).toBe(0);
  });

  test("takes no further step when it is stopped in the middle", async () => {
    script = [MORE, MORE];
    await pass(5000);
    const stopped = retention.stop();
    await pass(20);
    await stopped;
    await pass(2 * HOUR_MS);
    expect(calls).toHaveLength(1);
    expect(jest.getTimerCount()).toBe(0);
  });
});

describe("Retention with a clock that is set", () => {
  /** Lets the clock and the real time go on together, for that many hours. */
  async function goOn(hours: number): Promise<void> {
    for (let hour = 0; hour < hours; hour += 1) {
      clock.advance(HOUR_MS);
      await pass(HOUR_MS);
    }
  }

  beforeEach(async () => {
    clock.advance(5 * SECOND_MS);
    await pass(5 * SECOND_MS);
    await goOn(2);
    [calls, lines] = [[], []];
  });

  test("deletes nothing when the clock jumps forward by years and back, and logs why", async () => {
    clock.advance(10 * 365 * DAY_MS);
    await goOn(3);
    clock.advance(-10 * 365 * DAY_MS);
    await goOn(3);
    expect(calls).toEqual([]);
    expect(lines).toHaveLength(6);
    expect(lines[0]).toContain("the clock may be wrong");
    await goOn(12);
    expect(calls.length).toBeGreaterThan(0);
    for (const before of calls) expect(before).toBeLessThanOrEqual(clock.now() - 30 * DAY_MS);
  });

  test("deletes again twelve hours after the clock was set", async () => {
    clock.advance(365 * DAY_MS);
    await goOn(12);
    expect(calls).toEqual([]);
    await goOn(1);
    expect(calls).toEqual([clock.now() - 30 * DAY_MS]);
  });

  test("deletes as usual when the clock is set by less than a day, forward or back", async () => {
    for (const hours of [1, -1, 23, -23]) {
      clock.advance(hours * HOUR_MS);
      await goOn(1);
    }
    expect(calls).toHaveLength(4);
    expect(lines).toEqual([]);
  });
});

describe("Retention at a start that would delete everything", () => {
  async function startWith(newest: number | undefined): Promise<void> {
    await retention.stop();
    newestAt = newest;
    retention = start();
    await pass(5000);
  }

  test("waits twelve hours, in case the clock is wrong", async () => {
    await startWith(clock.now() - 31 * DAY_MS);
    // A new visitor does not show that the clock is right.
    newestAt = clock.now();
    await pass(11 * HOUR_MS);
    expect(calls).toEqual([]);
    expect(lines[0]).toContain("the clock may be wrong");
    for (let hour = 0; hour < 2; hour += 1) await pass(HOUR_MS);
    expect(calls.length).toBeGreaterThan(0);
  });

  test.each([
    ["a conversation is stored that has not expired", 29 * DAY_MS],
    ["nothing is stored", undefined],
  ])("does not wait when %s", async (_what, age) => {
    await startWith(age === undefined ? undefined : clock.now() - age);
    expect(calls).toHaveLength(1);
  });
});

describe("Retention beside a database that has a clock of its own", () => {
  test.each([
    ["behind", -6],
    ["ahead", 6],
  ])("deletes nothing while that clock is six minutes %s, and logs why", async (_what, minutes) => {
    databaseAheadMs = minutes * 60 * SECOND_MS;
    await pass(5000);
    expect(calls).toEqual([]);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain("the clocks here and of the database differ");
    expect(lines[0]).toContain(`minutesAhead=${-minutes}`);
    databaseAheadMs = 0;
    clock.advance(HOUR_MS);
    await pass(HOUR_MS);
    expect(calls).toHaveLength(1);
  });

  test("deletes as usual while the clocks are four minutes apart", async () => {
    databaseAheadMs = -4 * 60 * SECOND_MS;
    await pass(5000);
    expect(calls).toHaveLength(1);
    expect(lines).toEqual([]);
  });
});
