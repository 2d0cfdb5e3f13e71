import { expect, test } from "bun:test";

import { termsOf } from "../../src/text/terms.ts";

/** As an expression: `word`, `begi*`. */
function shown(question: string): string[] {
  return termsOf(question).map(({ text, isBeginning }) => `${text}${isBeginning ? "*" : ""}`);
}

test("a question looks for each of its words once, and for the beginnings of the longer ones", () => {
  expect(shown("Do you ship to Norway? Shipping, SHIPS")).toEqual(
    "do you ship to norway shipping ships you* ship* norw*".split(" "),
  );
  expect(shown("Доставка в Норвегию")).toEqual("доставка в норвегию дост* норв*".split(" "));
});

test("words that a dictionary cuts, and pairs of syllables, have no beginnings", () => {
  expect(shown("การจัดส่งสินค้า")).toEqual(["การ", "จัด", "ส่ง", "สินค้า"]);
  expect(shown("환불정책은")).toEqual(["환불", "불정", "정책", "책은"]);
});

test("Japanese endings are left out, unless there is nothing else", () => {
  expect(shown("送料はいくらですか")).toEqual(["送料"]);
  expect(shown("いくらですか")).not.toEqual([]);
});

test("who asks is left out, unless there is nothing else", () => {
  expect(shown("How do I pay?")).toEqual(["how", "do", "pay", "how*", "pay*"]);
  expect(shown("Wie bezahle ich?")).toEqual(["wie", "bezahle", "wie*", "beza*"]);
  expect(shown("J’ai payé")).toEqual(["ai", "paye", "paye*"]);
  expect(shown("Как мне оплатить?")).toEqual(["как", "оплатить", "как*", "опла*"]);
  expect(shown("Me?")).toEqual(["me"]);
});

test("a text without a word looks for nothing", () => {
  for (const text of ["", "?!", "😀", "\0"]) expect(termsOf(text)).toEqual([]);
});

test("a very long question looks for its first hundred words", () => {
  const words = Array.from({ length: 5000 }, (_, n) =>
    n.toString(2).replaceAll("0", "a").replaceAll("1", "b"),
  );
  const terms = termsOf(words.join(" "));
  expect(terms.filter(({ isBeginning }) => !isBeginning).map(({ text }) => text)).toEqual(
    words.slice(0, 100),
  );
  expect(terms.length).toBeLessThanOrEqual(200);
});
