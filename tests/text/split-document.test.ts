import { expect, test } from "bun:test";

import fc from "fast-check";

import { cutSections } from "../../src/text/cut-sections.ts";
import type { ReadDocument } from "../../src/text/document.ts";
import { splitDocument } from "../../src/text/split-document.ts";

function textOf(documents: readonly ReadDocument[]): string {
  return documents.flatMap(({ parts }) => parts.map(({ text }) => text)).join("");
}

function split(document: ReadDocument, maxSections: number): ReadDocument[] {
  const steps = splitDocument(document, maxSections);
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}

test("a short document stays as it is", () => {
  const document = {
    title: "A",
    lang: "en",
    parts: [{ path: ["A"], anchor: "a", text: "Short." }],
  };
  expect(split(document, 2)).toEqual([document]);
});

test("any document is split into ones of few sections, and no character is lost", () => {
  const text = fc.oneof(
    fc.string({ unit: "binary", maxLength: 300 }),
    fc.integer({ min: 0, max: 500 }).map((n) => "one two three. \n".repeat(n)),
    fc.integer({ min: 0, max: 500 }).map((n) => "😀漢字".repeat(n)),
  );
  const part = fc.record({ path: fc.array(fc.constantFrom("a", "b"), { maxLength: 2 }), text });
  const property = fc.property(fc.array(part, { maxLength: 6 }), (parts) => {
    const document = {
      title: "a",
      lang: undefined,
      parts: parts.map((each) => ({ ...each, anchor: "" })),
    };
    const several = split(document, 5);
    expect(textOf(several)).toBe(textOf([document]));
    for (const each of several) expect(cutSections(each, 5).isCutOff).toBe(false);
  });
  fc.assert(property, { numRuns: 40, seed: 15 });
});
