import { expect, test } from "bun:test";

import { writeMetric } from "../../src/metrics/exposition.ts";
import { Gauge } from "../../src/metrics/gauge.ts";

test("a gauge is set, and goes up and down", () => {
  const open = new Gauge({ name: "open", help: "Open." });
  expect(open.samples()).toBe("open 0\n");
  open.add(2);
  open.add(-1);
  expect(open.samples()).toBe("open 1\n");
  open.set(0.25);
  expect(open.samples()).toBe("open 0.25\n");
});

test("numbers that JavaScript and Go write differently are written as Go does", () => {
  const open = new Gauge({ name: "open", help: "Open." });
  open.set(Number.POSITIVE_INFINITY);
  expect(open.samples()).toBe("open +Inf\n");
  open.set(Number.NEGATIVE_INFINITY);
  expect(open.samples()).toBe("open -Inf\n");
  open.set(Number.NaN);
  expect(open.samples()).toBe("open NaN\n");
});

test("a counter can read a count that is kept elsewhere", () => {
  const cpu = new Gauge({ name: "cpu_total", help: "A \\ and\na line.", type: "counter" });
  expect(writeMetric(cpu)).toBe(
    String.raw`# HELP cpu_total A \\ and\na line.` + "\n# TYPE cpu_total counter\ncpu_total 0\n",
  );
});
