import { afterEach, beforeEach, expect, jest, test } from "bun:test";

import { IdleTimer } from "../../src/runtime/idle-timer.ts";

let silences: number;
let timer: IdleTimer;

beforeEach(() => {
  jest.useFakeTimers();
  silences = 0;
  timer = new IdleTimer(1000, () => {
    silences += 1;
  });
});

afterEach(() => {
  timer.stop();
  jest.useRealTimers();
});

const pass = (ms: number): void => void jest.advanceTimersByTime(ms);

test("an idle timer calls back when the time has passed without a touch, and not before", () => {
  pass(999);
  expect(silences).toBe(0);
  pass(1);
  expect(silences).toBe(1);
});

test("an idle timer calls back again after each further silence", () => {
  pass(3500);
  expect(silences).toBe(3);
});

test("an idle timer counts the silence from the last touch", () => {
  pass(900);
  timer.touch();
  pass(999);
  expect(silences).toBe(0);
  pass(1);
  expect(silences).toBe(1);
});

test("an idle timer never calls back while it is touched often enough", () => {
  for (let i = 0; i < 100; i += 1) {
    pass(700);
    timer.touch();
  }
  expect(silences).toBe(0);
  pass(1000);
  expect(silences).toBe(1);
});

test("an idle timer sets few timers for many touches", () => {
  const setTimer = jest.spyOn(globalThis, "setTimeout");
  for (let i = 0; i < 1000; i += 1) {
    pass(3);
    timer.touch();
  }
  expect(setTimer.mock.calls.length).toBeLessThan(10);
  setTimer.mockRestore();
});

test("an idle timer that is restarted with a shorter time counts it from the restart", () => {
  pass(900);
  timer.restart(50);
  pass(49);
  expect(silences).toBe(0);
  pass(1);
  expect(silences).toBe(1);
  pass(50);
  expect(silences).toBe(2);
});

test("an idle timer that is restarted with a longer time forgets the shorter one", () => {
  pass(900);
  timer.restart(5000);
  pass(4999);
  expect(silences).toBe(0);
  pass(1);
  expect(silences).toBe(1);
});

test("an idle timer never calls back once it is stopped", () => {
  timer.stop();
  pass(10_000);
  expect(silences).toBe(0);
  expect(jest.getTimerCount()).toBe(0);
});

test("an idle timer never calls back once it is stopped after a touch, or stopped twice", () => {
  pass(500);
  timer.touch();
  timer.stop();
  timer.stop();
  pass(10_000);
  expect(silences).toBe(0);
});

test("an idle timer may be stopped or restarted in its callback", () => {
  const times: number[] = [];
  const startedAt = performance.now();
  const inner = new IdleTimer(100, () => {
    times.push(performance.now() - startedAt);
    if (times.length === 1) inner.restart(30);
    else inner.stop();
  });
  pass(10_000);
  expect(times).toEqual([100, 130]);
});
