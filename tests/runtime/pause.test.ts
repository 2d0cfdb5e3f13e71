import { expect, test } from "bun:test";

import { startStopwatch } from "../../harness/stopwatch.ts";
import { pause } from "../../src/runtime/pause.ts";

const HOUR_MS = 3_600_000;

test("a pause ends when its time is over", async () => {
  const stopwatch = startStopwatch();
  await pause(20, new AbortController().signal);
  expect(stopwatch()).toBeGreaterThan(15);
});

test("a pause ends when the signal comes, and does not begin after it", async () => {
  const stop = new AbortController();
  const paused = pause(HOUR_MS, stop.signal);
  stop.abort();
  await paused;
  await pause(HOUR_MS, stop.signal);
});
