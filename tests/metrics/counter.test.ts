import { expect, test } from "bun:test";

import fc from "fast-check";

import { parseExposition } from "../../harness/exposition.ts";
import { Counter } from "../../src/metrics/counter.ts";
import { writeMetric } from "../../src/metrics/exposition.ts";

function counter() {
  return new Counter({ name: "eaten_total", help: "What was eaten.", labels: ["what", "when"] });
}

test("a counter keeps the values of its labels apart", () => {
  const eaten = counter();
  eaten.add(1, { what: "apples", when: "noon" });
  eaten.add(2, { what: "apples", when: "noon" });
  eaten.add(1, { when: "night", what: "apples" });
  expect(writeMetric(eaten)).toBe(
    "# HELP eaten_total What was eaten.\n" +
      "# TYPE eaten_total counter\n" +
      'eaten_total{what="apples",when="noon"} 3\n' +
      'eaten_total{what="apples",when="night"} 1\n',
  );
});

test("the order in which labels are given makes no difference", () => {
  const eaten = counter();
  eaten.add(1, { what: "a", when: "b" });
  eaten.add(1, { when: "b", what: "a" });
  expect(eaten.samples()).toBe('eaten_total{what="a",when="b"} 2\n');
});

test("a counter has no sample before it has counted, and no braces without labels", () => {
  const plain = new Counter({ name: "rung_total", help: "Rings.", labels: [] });
  expect(plain.samples()).toBe("");
  plain.add(0, {});
  expect(plain.samples()).toBe("rung_total 0\n");
  plain.add(1, {});
  expect(plain.samples()).toBe("rung_total 1\n");
});

test("backslashes, quotes and line ends of a label's value are escaped", () => {
  const eaten = counter();
  eaten.add(1, { what: 'a\\b"c\nd', when: "é👋" });
  const escaped = String.raw`what="a\\b\"c\nd"`;
  expect(eaten.samples()).toBe(`eaten_total{${escaped},when="é👋"} 1\n`);
});

test("a sample stays on one line, whatever the value of its label", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (what) => {
      const eaten = counter();
      eaten.add(1, { what, when: "now" });
      const { values } = parseExposition(writeMetric(eaten));
      expect([...values.values()]).toEqual([1]);
    }),
  );
});
