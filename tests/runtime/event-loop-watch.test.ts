import { afterEach, beforeEach, expect, jest, test } from "bun:test";

import { EventLoopWatch } from "../../src/runtime/event-loop-watch.ts";

const BEAT_MS = 50;

let now: number;
let watch: EventLoopWatch;
let lags: number[];

beforeEach(() => {
  jest.useFakeTimers();
  now = 0;
  lags = [];
  watch = new EventLoopWatch({ now: () => now, onBeat: (lagMs) => lags.push(lagMs) });
});

afterEach(() => {
  jest.useRealTimers();
});

/** Fires the timer that much later than it was set to. */
function beatLate(ms: number): void {
  now += BEAT_MS + ms;
  jest.advanceTimersByTime(BEAT_MS);
}

/** Makes all beats within the given time late by that much. */
function lag(ms: number, duringMs: number): void {
  for (const until = now + duringMs; now < until;) beatLate(ms);
}

test("an event loop whose timer fires on time is not behind", () => {
  expect(watch.isBehind).toBe(false);
  lag(0, 10_000);
  expect(watch.isBehind).toBe(false);
});

test.each([30, 300, 60_000])("one pause of %d ms does not count as being behind", (ms) => {
  beatLate(ms);
  expect(watch.isBehind).toBe(false);
  lag(0, 1000);
  expect(watch.isBehind).toBe(false);
});

test("repeated pauses with time between them do not count as being behind", () => {
  for (let pause = 0; pause < 100; pause++) {
    beatLate(200);
    lag(0, 250);
    expect(watch.isBehind).toBe(false);
  }
});

test.each([20, 50])("a lag of %d ms never counts as being behind", (ms) => {
  lag(ms, 60_000);
  expect(watch.isBehind).toBe(false);
});

test.each([100, 200, 1000])("a lasting lag of %d ms is noticed within ten beats", (ms) => {
  let beats = 0;
  for (; !watch.isBehind && beats < 100; beats++) beatLate(ms);
  expect(beats).toBeGreaterThan(1);
  expect(beats).toBeLessThanOrEqual(10);
});

test("the loop is no longer behind half a second after it keeps up, however long it was behind", () => {
  lag(1000, 60_000);
  expect(watch.isBehind).toBe(true);
  lag(0, 500);
  expect(watch.isBehind).toBe(false);
});

test("a timer that fires early does not make up for a lag", () => {
  for (let beat = 0; beat < 100; beat++) beatLate(-40);
  lag(500, 5000);
  expect(watch.isBehind).toBe(true);
});

test("the watch reports how late every beat was", () => {
  beatLate(0);
  beatLate(300);
  beatLate(-40);
  expect(lags).toEqual([0, 300, 0]);
});
