import { describe, expect, test } from "bun:test";

import fc from "fast-check";

import { startStopwatch } from "../../harness/stopwatch.ts";
import { REDACTED_KINDS, type RedactedKind } from "../../src/config/redaction.ts";
import { redactText, TextRedactor } from "../../src/redaction/text-redactor.ts";

import "../property-seed.ts";

const CARD = "4111 1111 1111 1111";
const SEEDS = [
  CARD,
  "4111111111111111",
  "3782-822463-10005",
  "DE89 3704 0044 0532 0130 00",
  "GB29NWBK60161331926819",
  "anna.b+x@mail.example.com",
  "+49 (0)30 1234567",
  "030/123 45 67",
  "(212) 555-0123",
  "٤١١١١١١١١١١١١١١١",
  "𝟒𝟏𝟏𝟏𝟏𝟏𝟏𝟏𝟏𝟏𝟏𝟏𝟏𝟏𝟏𝟏",
  "4111\u200b1111\u200b1111\u200b1111",
  "_4111 1111 1111 1111_",
  "••••",
];
const PIECES = [
  " ",
  "-",
  ".",
  ",",
  "@",
  "+",
  "(",
  ")",
  "/",
  ":",
  "•",
  "_",
  "\n",
  "a",
  "DE",
  "4",
  "0",
  "12",
  "2024",
  "ß",
  "中",
  "😀",
  "\u200b",
  "(0)",
  "words between",
  "a1 bc defgh ",
  "abcdefg1",
  "Tel.-",
  "     ",
  "x@y.de",
  "4111",
  "1111",
];

/** Texts in which numbers, their parts and everything that may stand between them come together. */
const text = fc
  .array(
    fc.oneof(
      fc.constantFrom(...SEEDS),
      fc.constantFrom(...PIECES),
      fc.string({ unit: "binary", maxLength: 4 }),
    ),
    {
      maxLength: 14,
    },
  )
  .map((parts) => parts.join(""));
const kinds = fc.subarray([...REDACTED_KINDS], { minLength: 1 });
const NUM_RUNS = 3000;

function cutAt(whole: string, places: readonly number[]): string[] {
  const ends = [...places.map((place) => place % (whole.length + 1)), whole.length].sort(
    (a, b) => a - b,
  );
  return ends.map((end, n) => whole.slice(ends[n - 1] ?? 0, end));
}

function passed(pieces: readonly string[], wanted: readonly RedactedKind[]): string {
  const redactor = new TextRedactor(wanted);
  return pieces.map((piece) => redactor.pass(piece)).join("") + redactor.end(true);
}

describe("a text that comes in pieces", () => {
  test("is redacted as the whole text is, wherever it is cut", () => {
    fc.assert(
      fc.property(
        text,
        fc.array(fc.nat(500), { maxLength: 12 }),
        kinds,
        (whole, places, wanted) => {
          expect(passed(cutAt(whole, places), wanted)).toBe(redactText(whole, wanted));
        },
      ),
      { numRuns: NUM_RUNS },
    );
  });

  test("is redacted in the same way when each code unit comes alone", () => {
    fc.assert(
      fc.property(text, kinds, (whole, wanted) => {
        expect(passed(whole.split(""), wanted)).toBe(redactText(whole, wanted));
      }),
      { numRuns: NUM_RUNS },
    );
  });

  test.each(SEEDS)("hides %s at every cut", (seed) => {
    const whole = `I have ${seed}, as you know.`;
    const expected = redactText(whole, REDACTED_KINDS);
    for (let cut = 0; cut <= whole.length; cut += 1) {
      for (let other = cut; other <= whole.length; other += 1) {
        const pieces = [whole.slice(0, cut), whole.slice(cut, other), whole.slice(other)];
        expect(passed(pieces, REDACTED_KINDS)).toBe(expected);
      }
    }
    expect(expected.replaceAll("DE••", "••••").replaceAll("GB••", "••••")).not.toMatch(/\d|anna/);
  });
});

describe("a redacted text", () => {
  test("stays as it is when it is redacted again", () => {
    fc.assert(
      fc.property(text, kinds, (whole, wanted) => {
        const once = redactText(whole, wanted);
        expect(redactText(once, wanted)).toBe(once);
      }),
      { numRuns: NUM_RUNS * 3 },
    );
  });

  test("has as many characters as before, and only letters and digits have become a mask", () => {
    fc.assert(
      fc.property(text, kinds, (whole, wanted) => {
        const before = Array.from(whole);
        const after = Array.from(redactText(whole, wanted));
        expect(after).toHaveLength(before.length);
        for (const [n, character] of after.entries()) {
          if (character === before[n]) continue;
          expect(character).toBe("•");
          expect(before[n]).toMatch(/[\p{L}\p{N}\u0300-\u036f]/u);
        }
      }),
      { numRuns: NUM_RUNS },
    );
  });
});

describe("what is held back", () => {
  test("begins with a digit, or with the word under way where e-mail addresses are looked for", () => {
    fc.assert(
      fc.property(text, kinds, (whole, wanted) => {
        const redactor = new TextRedactor(wanted);
        let shown = 0;
        for (let at = 0; at < whole.length; at += 1) {
          shown += Array.from(redactor.pass(whole.charAt(at))).length;
          const held = Array.from(whole.slice(0, at + 1))
            .slice(shown)
            .join("");
          expect(held).toMatch(
            wanted.includes("emails")
              ? /^(?:$|[\p{L}\p{N}\p{M}\p{Cf}•._%+'-]|\p{Cs}$)/u
              : /^(?:$|\p{Nd}|\p{Cs}$)/u,
          );
        }
      }),
      { numRuns: NUM_RUNS },
    );
  });
});

describe("an endless text", () => {
  const size = 1_000_000;
  const texts = {
    digits: "4",
    "digits of another script": "٤",
    "groups of a card": "4111 ",
    "single digits": "4 ",
    "@": "@",
    "+": "+",
    "+ and digits": "+49",
    letters: "a",
    "names and @": "a@",
    domains: "a@a.a",
    IBANs: "DE89 ",
    "phone numbers": "030 ",
    "opening parentheses": "(",
    "signs that nobody sees": "4\u200b\u200b\u200b",
    "nothing but signs that nobody sees": "\u200b",
    dots: "a@a.",
  };

  test.each(Object.entries(texts))(
    "of %s is passed on in linear time, and little of it is held back",
    (_, unit) => {
      const redactor = new TextRedactor(REDACTED_KINDS);
      const text = (unit === "\u200b" ? "4" : "") + unit.repeat(size / unit.length);
      const pieceLength = 1000;
      let shown = 0;
      let mostHeld = 0;
      const times: number[] = [];
      for (let at = 0; at < text.length; at += pieceLength) {
        const stopwatch = startStopwatch();
        const piece = text.slice(at, at + pieceLength);
        shown += redactor.pass(piece).length;
        times.push(stopwatch());
        mostHeld = Math.max(mostHeld, at + piece.length - shown);
      }
      shown += redactor.end(true).length;
      expect(shown).toBe(text.length);
      expect(mostHeld).toBeLessThan(1500);
      // The last tenth takes no longer than the first but for a busy machine.
      const tenth = times.length / 10;
      const sum = (part: readonly number[]) => part.reduce((one, other) => one + other, 0);
      expect(sum(times.slice(-tenth))).toBeLessThan(10 * sum(times.slice(0, tenth)) + 20);
    },
  );
});
