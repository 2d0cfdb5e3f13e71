import { describe, expect, test } from "bun:test";

import fc from "fast-check";

import { QuestionMatcher } from "../../src/text/matches.ts";
import { wordsOf, wordSpans } from "../../src/text/words.ts";

function marked(question: string, text: string): string {
  let from = 0;
  let shown = "";
  for (const { start, end } of new QuestionMatcher(question).spansIn(text)) {
    shown += `${text.slice(from, start)}[${text.slice(start, end)}]`;
    from = end;
  }
  return shown + text.slice(from);
}

describe("the words of a question in a text", () => {
  test.each([
    ["Do you ship to Norway?", "Shipping to Norway: 7 days", "[Shipping] [to] [Norway]: 7 days"],
    ["cafe", "Un CAFÉ, des cafés", "Un [CAFÉ], des [cafés]"],
    ["straße", "STRASSE 4, Straßen", "[STRASSE] 4, [Straßen]"],
    ["Donaudampfschiff", "Donau\u00addampf\u00adschiff", "[Donau\u00addampf\u00adschiff]"],
    ["ＳＫＵ 12", "SKU-12", "[SKU-12]"],
    ["user name", "call getUserName()", "call [getUserName]()"],
    ["wifi", "Wi-Fi is free", "[Wi-Fi] is free"],
    ["退货", "我们的退货政策", "我们的[退][货]政策"],
    ["送料はいくらですか", "送料は無料です", "[送料]は無料です"],
    ["환불", "환불정책은 다음과 같습니다", "[환불정책은] 다음과 같습니다"],
    ["จัดส่ง", "การจัดส่งสินค้า", "การ[จัด][ส่ง]สินค้า"],
    ["iphoneケース", "iPhoneケースとケーブル", "[iPhone][ケース]とケーブル"],
  ])("of %s in %s", (question, text, expected) => {
    expect(marked(question, text)).toBe(expected);
  });

  test("are none where the question has none", () => {
    for (const question of ["", "?!", "\0"]) expect(marked(question, "any text")).toBe("any text");
  });

  test("have their places in order, within the text, whatever the text is", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 100 }), (text) => {
        let last = 0;
        for (const { start, end } of wordSpans(text)) {
          expect(start).toBeGreaterThanOrEqual(last);
          expect(end).toBeGreaterThan(start);
          last = end;
        }
        expect(last).toBeLessThanOrEqual(text.length);
      }),
    );
  });
});

test("the places of words have every word of the text", () => {
  const text = "Größe: naïve cafés, getUserName 2×3, 배송 정책은, e\u0301te\u0301";
  const found = [...wordSpans(text)].flatMap(({ start, end }) => wordsOf(text.slice(start, end)));
  expect(found).toEqual(wordsOf(text));
});
