import { describe, expect, test } from "bun:test";

import { chooseSections } from "../../src/knowledge/choose-sections.ts";
import type { StoredSection } from "../../src/store/knowledge-store.ts";

/** A section of so many words. Every tenth id is another document. */
function section(id: number, given: Partial<StoredSection> | number = 100): StoredSection {
  const word = `${"x".repeat(id + 1)} `;
  const more = typeof given === "number" ? { text: word.repeat(given).trim() } : given;
  const documentId = Math.floor(id / 10);
  const uri = `https://shop.example/${documentId}`;
  return {
    id,
    documentId,
    position: id % 10,
    uri,
    title: "T",
    heading: "",
    anchor: "",
    text: "",
    ...more,
  };
}

function chosen(ranked: readonly StoredSection[], words = 1400) {
  return chooseSections(ranked, words).map(({ sectionIds }) => sectionIds);
}

describe("what the model is given", () => {
  test("is the best sections that fit, at most eight", () => {
    const ranked = Array.from({ length: 12 }, (_, n) => section(n * 10));
    expect(chosen(ranked)).toEqual([[0], [10], [20], [30], [40], [50], [60], [70]]);
    expect(chosen(ranked, 350)).toEqual([[0], [10], [20]]);
    expect(chosen([section(0), section(10, 180), section(20)], 250)).toEqual([[0], [20]]);
  });

  test("has three sections of a document at most", () => {
    const ranked = [section(1), section(3), section(5), section(7), section(20)];
    expect(chosen(ranked)).toEqual([[1], [3], [5], [20]]);
  });

  test("has a text once that stands on two pages", () => {
    const text = "We ship to Norway.";
    expect(chosen([section(1, { text }), section(11, { text }), section(21)])).toEqual([[1], [21]]);
  });

  test("has the beginning of the best section where that alone is too long", () => {
    const text = "One two three four. Five six seven. Eight nine.";
    const ranked = [section(1, { text }), section(11, 100)];
    expect(chooseSections(ranked, 8).map((passage) => passage.text)).toEqual([
      "One two three four. Five six seven.",
    ]);
    expect(chooseSections(ranked, 2).map((passage) => passage.text)).toEqual(["One two"]);
    expect(chooseSections(ranked, 0)).toEqual([]);
    expect(chooseSections([], 1400)).toEqual([]);
  });

  test("has neighbours under one heading as one passage, at the place of the better one", () => {
    const ranked = [
      section(12, { heading: "A", anchor: "a", text: "And now the end. Third." }),
      section(20, { heading: "A" }),
      section(11, { heading: "A", anchor: "a", text: "Second begins. And now the end." }),
    ];
    const [passage, other] = chooseSections(ranked, 1400);
    expect(passage).toMatchObject({
      uri: "https://shop.example/1",
      anchor: "a",
      text: "Second begins. And now the end. Third.",
      sectionIds: [11, 12],
    });
    expect(other?.sectionIds).toEqual([20]);
  });

  test("has neighbours apart that have other headings, and without repetition as paragraphs", () => {
    const first = section(11, { heading: "A", text: "Alpha" });
    expect(chosen([first, section(12, { heading: "B", text: "aside" })])).toEqual([[11], [12]]);
    const second = section(12, { heading: "A", text: "aside" });
    expect(chooseSections([first, second], 9)[0]?.text).toBe("Alpha\n\naside");
  });
});
