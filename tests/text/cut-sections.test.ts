import { describe, expect, test } from "bun:test";

import fc from "fast-check";

import { cutSections } from "../../src/text/cut-sections.ts";
import type { Part } from "../../src/text/document.ts";
import { countWords, wordsOf } from "../../src/text/words.ts";

const MAX = 180;

function part(text: string, path: readonly string[] = [], anchor = ""): Part {
  return { path, anchor, text };
}

function cut(parts: readonly Part[], { title = "", maxSections = 400 } = {}) {
  return cutSections({ title, lang: undefined, parts }, maxSections);
}

function textsOf(text: string): string[] {
  return cut([part(text)]).sections.map((section) => section.text);
}

/** So many sentences of six words. */
function prose(sentences: number): string {
  return Array.from({ length: sentences }, (_, n) => `Sentence number ${n} has six words.`).join(
    " ",
  );
}

test("a short part is one section, with its headings and its anchor", () => {
  const parts = [
    part("Welcome."),
    part("In three days.", ["Shipping", "In Europe"], "europe"),
    part("In a week.", ["Shipping", "Elsewhere"], "elsewhere"),
  ];
  expect(cut(parts)).toEqual({
    sections: [
      { heading: "", anchor: "", text: "Welcome." },
      { heading: "Shipping › In Europe", anchor: "europe", text: "In three days." },
      { heading: "Shipping › Elsewhere", anchor: "elsewhere", text: "In a week." },
    ],
    isCutOff: false,
  });
});

test("the heading that is the title is not repeated", () => {
  const parts = [
    part("a", ["Shipping"]),
    part("b", ["Shipping", "Europe"]),
    part("c", ["Returns"]),
  ];
  const headings = cut(parts, { title: "shipping " }).sections.map(({ heading }) => heading);
  expect(headings).toEqual(["", "Europe", "Returns"]);
});

test("small parts that follow each other under the same headings become one section", () => {
  const path = ["Reference"];
  const parts = [
    part("alpha: first", path, "a"),
    part("beta: second", path, "b"),
    part(prose(30), path),
  ];
  const { sections } = cut(parts);
  expect(sections.map(({ text, anchor }) => [text, anchor])).toEqual([
    ["alpha: first\n\nbeta: second", "a"],
    [prose(30), ""],
  ]);
});

describe("a long text", () => {
  test("is cut at ends of sentences into sections that overlap a little", () => {
    const texts = textsOf(prose(100));
    expect(texts.length).toBeGreaterThan(3);
    for (const text of texts) {
      expect(text).toMatch(/^Sentence number \d+ has six words\./);
      expect(text).toEndWith(" has six words.");
      expect(countWords(text)).toBeLessThanOrEqual(MAX);
    }
    for (const [n, text] of texts.slice(1, -1).entries()) {
      expect(texts[n]).toEndWith(text.split(". ").slice(0, 6).join(". ") + ".");
      expect(texts[n]).not.toEndWith(text.split(". ").slice(0, 7).join(". ") + ".");
    }
  });

  test("does not end with a section of a few words", () => {
    const texts = textsOf(prose(31));
    expect(texts).toHaveLength(2);
    expect(texts[1]).toStartWith("Sentence number 16 ");
    expect(texts[1]).toEndWith("Sentence number 30 has six words.");
  });

  test.each([
    ["Chinese", "我们在三个工作日内发货。如果你不满意，可以退货！", "。！"],
    ["Japanese", "送料は無料です。「返品できますか？」と聞かれます。", "。」"],
    ["Hindi", "हम तीन दिन में भेजते हैं। वापसी मुफ़्त है। ", "।"],
    ["Arabic", "هل الإرجاع مجاني؟ نعم، خلال أسبوعين. ", "؟."],
  ])("is cut at ends of sentences in %s", (_language, sentence, ends) => {
    const texts = textsOf(sentence.repeat(60));
    expect(texts.length).toBeGreaterThan(2);
    for (const text of texts) {
      expect(countWords(text)).toBeLessThanOrEqual(MAX);
      expect(ends).toContain(text.at(-1) ?? "none");
    }
  });

  test.each([
    ["words without a sentence", "word ".repeat(5000)],
    ["a script without spaces", "การจัดส่งสินค้า".repeat(2000)],
    ["one word", "x".repeat(200_000)],
    ["signs", ")".repeat(200_000)],
    ["code", "```js\n" + "let value = 1;\n\n".repeat(2000) + "```"],
    ["a table", "| name | price |\n".repeat(2000)],
  ])("is cut also where it is %s", (_what, text) => {
    const texts = textsOf(text);
    expect(texts.length).toBeGreaterThan(1);
    for (const each of texts) {
      expect(countWords(each)).toBeLessThanOrEqual(MAX);
      expect(each.length).toBeLessThanOrEqual(MAX * 20);
    }
  });

  test("has code, tables and lists as a whole where they are small enough", () => {
    const code = "```js\nconst first = 1;\n\n  const second = 2;\n```";
    const table = "name | price\nshoe | 10. Cheap!\nhat | 20";
    const list = "- one. Two.\n- three\n- four";
    for (const block of [code, table, list]) {
      for (let sentences = 20; sentences < 30; sentences++) {
        const texts = textsOf(`${prose(sentences)}\n\n${block}\n\n${prose(30)}`);
        expect(texts.filter((text) => text.includes(block)).length).toBeGreaterThan(0);
        expect(texts.some((text) => /^(?:.*\|.*$|- th)/m.test(text) && !text.includes(block))).toBe(
          false,
        );
      }
    }
  });

  test("keeps the indentation of code, and one empty line of many", () => {
    expect(textsOf("\n\n  if x:\n    y\n\n\n \n\nEnd.  \n\n")).toEqual(["  if x:\n    y\n\nEnd."]);
  });
});

test("a document has at most the most sections, and says that there was more", () => {
  const parts = [part(prose(100), ["a"]), part("more", ["b"])];
  expect(cut(parts, { maxSections: 2 })).toMatchObject({ isCutOff: true, sections: { length: 2 } });
  expect(cut(parts, { maxSections: 5 }).isCutOff).toBe(false);
  expect(cut([part("one")], { maxSections: 1 }).isCutOff).toBe(false);
});

test("a text without anything to read gives no section", () => {
  for (const text of ["", " \n\n\t", "\n".repeat(1000)]) expect(textsOf(text)).toEqual([]);
  expect(cut([])).toEqual({ sections: [], isCutOff: false });
});

test("no word of any text is lost, and no section is too long", () => {
  const piece = fc.constantFrom(
    "word ",
    "two words. ",
    "\n",
    "\n\n",
    "- item\n",
    "a | b\n",
    "```\n",
    "  code\n",
    "文字。",
    "x".repeat(99),
    "!?",
    "\t",
    "😀",
    "ไทย",
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 600 }), (pieces) => {
      const text = pieces.join("");
      const texts = textsOf(text);
      for (const each of texts) expect(countWords(each)).toBeLessThanOrEqual(MAX);
      const kept = new Set(texts.flatMap(wordsOf));
      // The dictionaries may cut other words where a text is cut.
      const expected = wordsOf(text.replaceAll(/[^\x20-\x7f\n\t]/g, " "));
      expect(expected.filter((word) => word.length < 60 && !kept.has(word))).toEqual([]);
    }),
  );
});
