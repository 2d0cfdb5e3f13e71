import { expect, test } from "bun:test";

import fc from "fast-check";

import { parseExposition } from "../../harness/exposition.ts";
import { writeMetric } from "../../src/metrics/exposition.ts";
import { Histogram } from "../../src/metrics/histogram.ts";

const BUCKETS = [0.1, 1, 10];

function histogram() {
  return new Histogram({ name: "wait_seconds", help: "Waiting.", buckets: BUCKETS });
}

test("an empty histogram shows all its buckets", () => {
  expect(writeMetric(histogram())).toBe(
    "# HELP wait_seconds Waiting.\n" +
      "# TYPE wait_seconds histogram\n" +
      'wait_seconds_bucket{le="0.1"} 0\n' +
      'wait_seconds_bucket{le="1"} 0\n' +
      'wait_seconds_bucket{le="10"} 0\n' +
      'wait_seconds_bucket{le="+Inf"} 0\n' +
      "wait_seconds_sum 0\n" +
      "wait_seconds_count 0\n",
  );
});

test("buckets are cumulative and include their upper bound", () => {
  const wait = histogram();
  for (const seconds of [0, 0.1, 0.5, 1, 1.5, 100]) wait.observe(seconds);
  expect(wait.samples()).toBe(
    'wait_seconds_bucket{le="0.1"} 2\n' +
      'wait_seconds_bucket{le="1"} 4\n' +
      'wait_seconds_bucket{le="10"} 5\n' +
      'wait_seconds_bucket{le="+Inf"} 6\n' +
      "wait_seconds_sum 103.1\n" +
      "wait_seconds_count 6\n",
  );
});

test("each bucket counts the values up to its bound, and the sum is that of all values", () => {
  const seconds = fc.double({ min: 0, max: 100, noNaN: true });
  fc.assert(
    fc.property(fc.array(seconds), (observed) => {
      const wait = histogram();
      for (const value of observed) wait.observe(value);
      const { values } = parseExposition(writeMetric(wait));
      for (const bound of BUCKETS) {
        const below = observed.filter((value) => value <= bound).length;
        expect(values.get(`wait_seconds_bucket{le="${bound}"}`)).toBe(below);
      }
      expect(values.get('wait_seconds_bucket{le="+Inf"}')).toBe(observed.length);
      expect(values.get("wait_seconds_count")).toBe(observed.length);
      const sum = observed.reduce((total, value) => total + value, 0);
      expect(values.get("wait_seconds_sum")).toBe(sum);
    }),
  );
});
