import { describe, expect, test } from "bun:test";

import fc from "fast-check";

import "../property-seed.ts";
import type { AnswerSource } from "../../src/conversation/records.ts";
import { GroundedAnswer } from "../../src/knowledge/grounded-answer.ts";
import { unknownAnswer } from "../../src/knowledge/unknown-answer.ts";
import { MAX_ANSWER_CHARACTERS } from "../../src/turns/generation.ts";

const UNKNOWN = "Nothing found.";
const SOURCES: readonly AnswerSource[] = [1, 2, 3].map((number) => ({
  number,
  title: `Page ${number}`,
  heading: "",
  url: undefined,
  isCited: false,
}));

/** What readers get of an answer that comes in these pieces, and what is stored with it. */
function read(pieces: readonly string[], isWhole = true) {
  const answer = new GroundedAnswer(SOURCES, UNKNOWN, "uncited");
  const shown = pieces.map((piece) => answer.pass(piece)).join("") + answer.end(isWhole);
  const { sources = [], grounding } = answer.result();
  const cited = sources.filter(({ isCited }) => isCited).map(({ number }) => number);
  return { shown, cited, grounding };
}

/** The same, whatever the pieces. */
function expectShown(text: string, shown: string): void {
  for (const pieces of [[text], [...text], text.split(/(?<=\s)/), text.split(/(?=\s)/)]) {
    expect([pieces, read(pieces).shown]).toEqual([pieces, shown]);
  }
}

describe("an answer that begins with [0]", () => {
  test.each([
    ["[0] I do not know.", "I do not know."],
    ["[0]\n\nI do not know.", "I do not know."],
    [" \n[0]I do not know.", "I do not know."],
    ["[ 0 ]: I do not know.", "I do not know."],
    ["[0]. I do not know.", "I do not know."],
    ["**[0]** I do not know.", "I do not know."],
    ["**[0] I do not know.**", "**I do not know.**"],
    ["__[0]__\n- I\n- do not", "- I\n- do not"],
    ["【0】分かりません。", "分かりません。"],
    ["[0] Page [1] says [0] that.", "Page [1] says that."],
  ])("(%j) is shown without it, in whatever pieces it comes, and filed as none", (text, shown) => {
    expectShown(text, shown);
    expect(read([text]).grounding).toBe("none");
  });

  test("and nothing else is a sentence, if it is whole", () => {
    for (const text of ["[0]", "**[0]**", " [0].\n"]) {
      expectShown(text, UNKNOWN);
      expect(read([text])).toEqual({ shown: UNKNOWN, cited: [], grounding: "none" });
    }
    expect(read(["[0]"], false)).toEqual({ shown: "", cited: [], grounding: undefined });
  });

  test("says the sentence in the first language of the visitor that is known", () => {
    expect(unknownAnswer("gsw, de-CH;q=0.9, en;q=0.8")).toStartWith("Dazu habe ich");
    expect(unknownAnswer("JA")).toStartWith("このサイト");
    for (const other of [undefined, "", "tlh", "*", ",;=", "x".repeat(1e5)]) {
      expect(unknownAnswer(other)).toStartWith("I could not find");
    }
  });
});

test("an answer that names no source but 0, wherever, is filed as none; one that names others is not", () => {
  expect(read(["I do not know. [0]"])).toMatchObject({
    shown: "I do not know.",
    grounding: "none",
  });
  expect(read(["Three days [1], else [0]."])).toMatchObject({
    shown: "Three days [1], else.",
    grounding: "cited",
  });
  expect(read(["Hello!"]).grounding).toBe("uncited");
});

describe("the marks in an answer", () => {
  test.each([
    ["Yes [1].", "Yes [1].", [1]],
    ["Yes [1, 2] and [2;3].", "Yes [1][2] and [2][3].", [1, 2, 3]],
    ["Yes [1][2] [3]", "Yes [1][2] [3]", [1, 2, 3]],
    ["Yes [1-3] [2–3].", "Yes [1][2][3] [2][3].", [1, 2, 3]],
    ["はい【1】。【2†source】【3:0†L1-L2】", "はい[1]。[2][3]", [1, 2, 3]],
    ["はい［１、２］。", "はい[1][2]。", [1, 2]],
    ["Yes [^1] and [ 2 ].", "Yes [1] and [2].", [1, 2]],
    ["Yes [1, 1].", "Yes [1].", [1]],
  ])("%j are tidied", (text, shown, cited) => {
    expectShown(text, shown);
    expect(read([text]).cited).toEqual(cited);
  });

  test.each([
    ["Yes [4].", "Yes.", []],
    ["Yes  [9] and no [99].", "Yes and no.", []],
    ["Yes [1, 7].", "Yes [1].", [1]],
    ["[8] Yes [4-6]", " Yes", []],
  ])("%j that no source has are taken out", (text, shown, cited) => {
    expectShown(text, shown);
    expect(read([text]).cited).toEqual(cited);
  });

  test.each([
    "See [1](https://shop.example/) and ![2](a.png).",
    "See [the page](https://shop.example/?a[1]=[2]).",
    "Write `list[1]` or ``a ` [2]``.",
    "```js\nlist[1];\n// [9]\n```",
    "~~~~\n[1]\n~~~\n[2]\n~~~~",
    "- a list\n  ```\n  [9]\n  ```",
    "- [ ] to do\n- [x] done [2026] [note] [1a] [] [",
    "Take list[0], a(1)[0] and \\[1\\].",
    "A single ` and [9",
  ])("%j stay as they are where they are code, links or something else", (text) => {
    expectShown(text, text);
    expect(read([text]).cited).toEqual([]);
  });

  test("count again after code has ended", () => {
    expectShown("`[9]` [9] ```\n[9]\n``` [2]", "`[9]` ```\n[9]\n``` [2]");
    expectShown("```\n[9]\n```\n[9] yes", "```\n[9]\n```\n yes");
    expectShown("An open ` here.\n\nYes [9].", "An open ` here.\n\nYes.");
  });

  test("are void when the answer begins again, because what came before was a thought", () => {
    const answer = new GroundedAnswer(SOURCES, UNKNOWN, "uncited");
    answer.pass("[0] I think [1");
    answer.restart();
    expect(answer.pass("Yes [2].")).toBe("Yes [2].");
    expect(answer.end(true)).toBe("");
    expect(answer.result()).toMatchObject({ grounding: "cited" });
    expect(answer.result().sources?.map(({ isCited }) => isCited)).toEqual([false, true, false]);
  });
});

/** What readers get of an answer that was given no sources. */
function readUnsourced(pieces: readonly string[]) {
  const answer = new GroundedAnswer([], UNKNOWN, "unsourced");
  const shown = pieces.map((piece) => answer.pass(piece)).join("") + answer.end(true);
  return { shown, ...answer.result() };
}

describe("an answer without sources", () => {
  test.each([
    ["[0] I do not know that.", "I do not know that."],
    ["**[0]** Das weiß ich nicht.", "Das weiß ich nicht."],
    ["[0]\n\nJe ne sais pas.", "Je ne sais pas."],
    ["【0】それは分かりません。", "それは分かりません。"],
    ["［０］ لا أعرف ذلك.", "لا أعرف ذلك."],
    ["[0] [0] No [0], no.", " No, no."],
    ["I do not know. [0]", "I do not know."],
    ["[0]", UNKNOWN],
    ["[0] See [1], list[0] and `[0]`.", "See [1], list[0] and `[0]`."],
  ])("%j is filed as none, and shown without its mark however it is cut", (text, shown) => {
    expect(readUnsourced([text])).toEqual({ shown, grounding: "none" });
    for (let first = 0; first <= text.length; first += 1) {
      for (let second = first; second <= text.length; second += 1) {
        const pieces = [text.slice(0, first), text.slice(first, second), text.slice(second)];
        expect(readUnsourced(pieces)).toEqual({ shown, grounding: "none" });
      }
    }
  });

  test.each([
    "The first is list[0], or `a[0]`:\n```js\n[0]\n```",
    "See [1], [2, 3] and [10]( https://a.example).",
    "An open [0",
    "Hello!",
  ])("%j stays as it is", (text) => {
    expect(readUnsourced([...text])).toEqual({ shown: text, grounding: "unsourced" });
  });
});

describe("whatever an answer is made of", () => {
  const piece = fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom(..."[]【】0123 ,-–†*_`~\n()\\.:a".split("")) },
    {
      weight: 1,
      arbitrary: fc.constantFrom("[0]", "[1]", "[9]", "**", "```", "\n\n", "](", "word "),
    },
    { weight: 1, arbitrary: fc.string({ unit: "binary" }) },
  );
  const pieces = fc.array(piece, { maxLength: 40 });

  test("it is shown alike, however it is cut", () => {
    fc.assert(
      fc.property(pieces, fc.array(fc.nat(8), { maxLength: 60 }), (parts, lengths) => {
        const text = parts.join("");
        const cut: string[] = [];
        let at = 0;
        for (const length of lengths) cut.push(text.slice(at, (at += length)));
        cut.push(text.slice(at));
        expect(read(cut)).toEqual(read([text]));
        expect(read(text.split(""))).toEqual(read([text]));
      }),
      { numRuns: 2000 },
    );
  });

  test("without brackets nothing changes but white space at its beginning, and nothing but spaces is held back", () => {
    const words = fc.array(fc.constantFrom("Yes", " no", "*", "**b**", "`c`", "\n", "~", "("));
    fc.assert(
      fc.property(words, (parts) => {
        const answer = new GroundedAnswer(SOURCES, UNKNOWN, "uncited");
        let sent = "x";
        let shown = answer.pass("x");
        for (const part of parts) {
          sent += part;
          shown += answer.pass(part);
          expect(shown).toBe(sent);
        }
      }),
    );
  });

  test.each(["`", "~", "[", "[1", "[0]", "【1†", "\n", " ", "*", "**[0]", "](["])(
    "as long as answers may be, and of nothing but %j, it is read in its time",
    (unit) => {
      const text = `x\n${unit.repeat(MAX_ANSWER_CHARACTERS / unit.length)}`;
      const before = process.cpuUsage();
      read([text]);
      const { user, system } = process.cpuUsage(before);
      // A second at most. Where each character is compared with all before it, it is half a minute.
      expect((user + system) / 1e6).toBeLessThan(5);
    },
  );

  test("what is held back is short", () => {
    fc.assert(
      fc.property(pieces, (parts) => {
        const answer = new GroundedAnswer(SOURCES, UNKNOWN, "uncited");
        answer.pass("x");
        for (const part of parts) answer.pass(part);
        expect(answer.end(true).length).toBeLessThan(100);
      }),
    );
  });
});
