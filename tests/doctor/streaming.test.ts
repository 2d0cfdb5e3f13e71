import { expect, test } from "bun:test";

import { judgeFirst, judgeIdle, judgeSpread } from "../../src/doctor/streaming.ts";

test.each([
  [1000, "ok"],
  [600, "ok"],
  [300, "wrong"],
  [0, "wrong"],
] as const)("chunks of a second that arrive over %d ms are %s", (spreadMs, mark) => {
  expect(judgeSpread(spreadMs, []).mark).toBe(mark);
});

test.each([
  [-5, undefined],
  [100, undefined],
  [200, "warning"],
] as const)("a first chunk that comes %d ms late is %s", (delayMs, mark) => {
  expect(judgeFirst(delayMs, [])?.mark).toBe(mark);
});

test.each([
  ["lives as long as it is silent", { hasEnded: true, livedSeconds: 5 }, "ok"],
  ["is cut after the heartbeat", { hasEnded: false, livedSeconds: 60 }, "ok"],
  ["is cut before the heartbeat", { hasEnded: false, livedSeconds: 10 }, "wrong"],
] as const)("the doctor judges an idle stream that %s", (_name, facts, mark) => {
  const finding = judgeIdle({ ...facts, heartbeatSeconds: 15, proxies: [] });
  expect(finding.mark).toBe(mark);
  expect(finding.says).toContain(`${facts.livedSeconds} s`);
});
