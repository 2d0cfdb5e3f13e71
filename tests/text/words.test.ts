import { describe, expect, test } from "bun:test";

import fc from "fast-check";

import { ANALYZER, countWords, wordsOf } from "../../src/text/words.ts";

describe("the words of a text", () => {
  test.each([
    ["English", "Shipping to Norway: 3–7 days!", "shipping to norway 3 7 days"],
    ["French", "L'été, à la crème brûlée", "l ete a la creme brulee"],
    ["German", "Straße, GROẞ, Öl", "strasse gross ol"],
    ["Danish and Polish", "Smørrebrød æble łódź", "smorrebrod aeble lodz"],
    ["Turkish", "İstanbul ILIK ılık", "istanbul ilik ilik"],
    ["Vietnamese", "Địa chỉ của tôi", "dia chi cua toi"],
    ["Greek", "ΟΔΟΣ οδός Ὀδυσσεύς", "οδοσ οδοσ οδυσσευσ"],
    ["Russian", "Ёлка и Йод", "елка и иод"],
    ["Arabic", "أَهْلًا وســـهلا", "اهلا وسهلا"],
    ["Arabic with its article", "الشحن والإرجاع للعملاء ال", "شحن ارجاع عملاء ال"],
    ["Hebrew", "שָׁלוֹם עולם", "שלום עולם"],
    ["Hindi", "नमस्ते दुनिया", "नमसत दनय"],
    ["Thai", "การจัดส่งสินค้า", "การ จัด ส่ง สินค้า"],
    ["Chinese", "我们的退货政策", "我们 的 退 货 政策"],
    ["Japanese", "送料はいくらですか", "送料 は いくら です か"],
    ["Korean", "배송 정책은", "배송 정책 책은"],
    ["a Korean word of one syllable", "왜", "왜"],
  ])("in %s", (_language, text, words) => {
    expect(wordsOf(text).join(" ")).toBe(words);
  });

  test.each([
    ["scripts without a space between them", "Wi-Fiパスワードとiphoneケース"],
    ["full-width letters and half-width kana", "Wi-Fiパスワードとｉｐｈｏｎｅｹｰｽ"],
  ])("of %s", (_what, text) => {
    expect(wordsOf(text)).toEqual(["wi", "fi", "パスワード", "と", "iphone", "ケース"]);
  });

  test.each([
    ["getUserName", "getusername get user name"],
    ["HTTPServer2Config", "httpserver2config http server 2 config"],
    ["SKU-1234", "sku 1234 sku1234"],
    ["iPhone15 e‑mail", "iphone15 i phone 15 e mail email"],
    ["a1b2c3d4e5f6", "a1b2c3d4e5f6"],
    ["v2.1", "v2 v 2 1"],
    ["192.168.0.1", "192 168 0 1"],
    ["a@example.com", "a example com"],
    ["snake_case", "snake case"],
    ["3️⃣ 👍🏽 ☎", "3"],
  ])("of %s", (text, words) => {
    expect(wordsOf(text).join(" ")).toBe(words);
  });

  test.each([
    ["composed or not", "Ångström ệ", "Ångström ệ".normalize("NFD")],
    ["with soft hyphens", "Donaudampfschiff", "Donau\u00addampf\u00adschiff"],
    ["with marks of the writing direction", "price list", "\u200eprice\u200f list\u202c"],
    ["with forms of Han characters", "葛城市", "葛\u{e0100}城市"],
    ["with the sign of an icon's font", "Download", "\uf019Download"],
  ])("are the same %s", (_how, text, spelled) => {
    expect(wordsOf(spelled)).toEqual(wordsOf(text));
  });

  test("are none where there is only what is no word", () => {
    for (const text of ["", " \n\t", "\0\0", "\ud800 \udfff", "!?… 😀", "\u0301"]) {
      expect(wordsOf(text)).toEqual([]);
    }
    expect(wordsOf("a\0b\ud800c")).toEqual(["a", "b", "c"]);
  });

  test("are at most 64 units long, however long a word is", () => {
    const inputs = ["x", "é", "字", "한", "😀é", "ｱﾞ", "e\u0301\u0302", "camelCase", "ก็"];
    for (const input of inputs) {
      const isFirst = input === inputs[0];
      const text = input.repeat(Math.ceil((isFirst ? 2_000_000 : 200_000) / input.length));
      const startedAt = performance.now();
      const longest = wordsOf(text).reduce((most, { length }) => Math.max(most, length), 0);
      expect(longest).toBeLessThanOrEqual(64);
      expect(performance.now() - startedAt).toBeLessThan(10_000);
    }
    expect(wordsOf(`${"a".repeat(63)}\u{1d7d8}`.toUpperCase())[0]).toHaveLength(64);
    expect(wordsOf("𐐷".repeat(40))[0]?.isWellFormed()).toBe(true);
  });

  test("never have a character that an expression of the index would take for its own", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 200 }), (text) => {
        for (const word of wordsOf(text)) {
          expect(word).not.toBe("");
          expect(word).not.toMatch(/[\s"'*()\0]/);
          expect(word.isWellFormed()).toBe(true);
        }
      }),
    );
  });

  test("are counted also where no spaces are", () => {
    expect(countWords("one two three")).toBe(3);
    expect(countWords("我们的退货政策")).toBe(5);
  });
});

test("the version of the analysis names the version of ICU, whose dictionaries cut words", () => {
  expect(ANALYZER).toMatch(/^\d+\/icu\d+/);
});
