import { afterEach, beforeEach, describe, expect, jest, test } from "bun:test";

import { createLogger } from "../src/logger.ts";
import { Retention } from "../src/retention.ts";
import type { ExpiryStep } from "../src/store/store.ts";
import { FakeClock } from "./support/fake-clock.ts";

const SECOND_MS = 1000;
const HOUR_MS = 60 * 60 * SECOND_MS;
const DAY_MS = 24 * HOUR_MS;

/** What the store answers next; done with nothing when there is no more. */
let script: (ExpiryStep | Error)[];
let calls: number[];
let lines: string[];
let loop: { isBehind: boolean };
let clock: FakeClock;
let retention: Retention;

beforeEach(() => {
  jest.useFakeTimers();
  [script, calls, lines] = [[], [], []];
  loop = { isBehind: false };
  clock = new FakeClock();
  const log = createLogger({
    level: "info",
    format: "text",
    secrets: [],
    write: (line) => lines.push(line),
    now: clock.now,
  });
  retention = new Retention({
    store: { expireConversations },
    days: 30,
    loop,
    log,
    now: clock.now,
  });
});

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

/** Lets the time pass, and then what waits for a promise go on. */
async function pass(ms: number): Promise<void> {
  jest.advanceTimersByTime(ms);
  for (let i = 0; i < 10; i += 1) await Promise.resolve();
}

const MORE: ExpiryStep = { conversations: 4, isDone: false };

describe("Retention", () => {
  test("deletes nothing as the server starts, and then what is older than its days", async () => {
    await pass(4999);
    expect(calls).toEqual([]);
    await pass(1);
    expect(calls).toEqual([clock.now() - 30 * DAY_MS]);
  });

  test("looks again every hour", async () => {
    await pass(5000);
    await pass(HOUR_MS - 1);
    expect(calls).toHaveLength(1);
    clock.advance(HOUR_MS);
    await pass(1);
    await pass(HOUR_MS);
    expect(calls).toHaveLength(3);
    expect(calls[1]).toBe(clock.now() - 30 * DAY_MS);
  });

  test("takes step after step with a pause between, and tells the sum", async () => {
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

  test("says nothing when there was nothing", async () => {
    await pass(5000);
    expect(lines).toEqual([]);
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

  test("tells what went wrong and what was done, and tries again an hour later", async () => {
    script = [MORE, new Error("disk full")];
    await pass(5000);
    await pass(20);
    expect(lines).toHaveLength(2);
    expect(lines[0]).toContain("disk full");
    expect(lines[1]).toContain("conversations=4");
    await pass(HOUR_MS);
    expect(calls).toHaveLength(3);
  });

  test("stopped before it began, never begins", async () => {
    await retention.stop();
    await pass(2 * HOUR_MS);
    expect(calls).toEqual([]);
    expect(jest.getTimerCount()).toBe(0);
  });

  test("stopped in the middle, takes no further step", async () => {
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
