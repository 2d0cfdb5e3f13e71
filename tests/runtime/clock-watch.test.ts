import { beforeEach, expect, test } from "bun:test";

import { ClockWatch } from "../../src/runtime/clock-watch.ts";

const HOUR_MS = 60 * 60 * 1000;
const DAY_MS = 24 * HOUR_MS;

let wall: number;
let passed: number;
let watch: ClockWatch;

beforeEach(() => {
  wall = Date.parse("2026-11-23T12:00:00Z");
  passed = 1000;
  watch = new ClockWatch({ now: () => wall, monotonic: () => passed });
});

function pass(ms: number): void {
  wall += ms;
  passed += ms;
}

test("a clock that was not set is believed, however long ago the last check was", () => {
  expect(watch.isBelieved()).toBe(true);
  pass(400 * DAY_MS);
  expect(watch.isBelieved()).toBe(true);
});

test.each([25 * HOUR_MS, -25 * HOUR_MS, 3650 * DAY_MS])(
  "a clock that was set by %p ms is not believed for twelve hours",
  (jump) => {
    wall += jump;
    expect(watch.isBelieved()).toBe(false);
    pass(12 * HOUR_MS - 1);
    expect(watch.isBelieved()).toBe(false);
    pass(1);
    expect(watch.isBelieved()).toBe(true);
  },
);

test("a clock that is set back to the right time is not believed for another twelve hours", () => {
  wall += 3650 * DAY_MS;
  expect(watch.isBelieved()).toBe(false);
  pass(11 * HOUR_MS);
  wall -= 3650 * DAY_MS;
  expect(watch.isBelieved()).toBe(false);
  pass(11 * HOUR_MS);
  expect(watch.isBelieved()).toBe(false);
  pass(HOUR_MS);
  expect(watch.isBelieved()).toBe(true);
});

test("the clock of a machine that slept for a night is believed", () => {
  wall += 12 * HOUR_MS;
  expect(watch.isBelieved()).toBe(true);
});

test("a clock that is distrusted for another reason is not believed for twelve hours", () => {
  watch.distrust();
  expect(watch.isBelieved()).toBe(false);
  pass(12 * HOUR_MS);
  expect(watch.isBelieved()).toBe(true);
});
