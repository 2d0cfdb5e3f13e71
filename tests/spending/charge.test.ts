import { describe, expect, test } from "bun:test";

import fc from "fast-check";

import type { TokenUsage } from "../../src/conversation/records.ts";
import { GeneratedText } from "../../src/model/generated-text.ts";
import { type ModelCall, MOST_THOUGHTS, promptSize, tokensOf } from "../../src/spending/charge.ts";

/** What calls of the model are counted as, by what is known of them when they are over. */

const LIMIT = 1000;
const PROMPT = promptSize({
  systemPrompt: "Be kind. ".repeat(20),
  history: [{ role: "user", content: "When do you open on Sundays? ".repeat(10) }],
});

/** An answer that came in words. */
function generated(text: string): GeneratedText {
  const tally = new GeneratedText();
  for (const word of text.match(/\S+\s*/g) ?? []) tally.add(word);
  return tally;
}

const ANSWER = "We open at nine, and close at five. ".repeat(10);
const WORDS = 80;

function reported(promptTokens: unknown, completionTokens: unknown, totalTokens?: unknown) {
  const total = totalTokens ?? Number(promptTokens) + Number(completionTokens);
  return { promptTokens, completionTokens, totalTokens: total } as TokenUsage;
}

function call(over: Partial<ModelCall> = {}): ModelCall {
  const text = generated(ANSWER);
  return {
    prompt: PROMPT,
    outputLimit: LIMIT,
    generated: text,
    usage: undefined,
    end: "whole",
    ...over,
  };
}

const ESTIMATE = { inputTokens: PROMPT.estimate, outputTokens: 120 };
/** Where the answer was cut, the question counts a token for each byte. */
const CUT = PROMPT.most;
const WHOLE = { inputTokens: PROMPT.estimate, outputTokens: LIMIT };

describe("a call of the model is counted as", () => {
  test.each<[string, Partial<ModelCall>, object]>([
    ["what was reported", { usage: reported(130, 90) }, { inputTokens: 130, outputTokens: 90 }],
    [
      "what was reported with thoughts in the total only",
      { usage: reported(130, 90, 700) },
      { inputTokens: 130, outputTokens: 570 },
    ],
    ["an estimate where nothing was reported", {}, ESTIMATE],
    ["an estimate where it was cut off", { end: "cut" }, { ...ESTIMATE, inputTokens: CUT }],
    [
      "the estimate where less was reported on the way to a cut",
      { end: "cut", usage: reported(130, 30) },
      { inputTokens: 130, outputTokens: 120 },
    ],
    ["an estimate where 0 was reported with a text", { usage: reported(0, 0) }, ESTIMATE],
    ["an estimate where less was reported than there can be", { usage: reported(1, 2) }, ESTIMATE],
    [
      "no more than the texts and the limit allow",
      { usage: reported(1e9, 1e9) },
      { inputTokens: PROMPT.bytes + 256 + 2 * 16, outputTokens: LIMIT },
    ],
    [
      "what was reported of thoughts that no limit held",
      { usage: reported(130, 90, 8130) },
      { inputTokens: 130, outputTokens: 8000 },
    ],
    [
      "its text, where that is longer than the limit",
      { usage: reported(130, 1e9), outputLimit: 10 },
      { inputTokens: 130, outputTokens: ANSWER.length },
    ],
    [
      "all that it could have thought unseen where it was cut off",
      { end: "cut", mayHaveThoughtUnseen: true },
      { ...WHOLE, inputTokens: CUT },
    ],
    [
      "all that it could have thought unseen where nothing was reported",
      { mayHaveThoughtUnseen: true },
      WHOLE,
    ],
    [
      "what was reported of thoughts that nobody saw",
      { usage: reported(130, 700), mayHaveThoughtUnseen: true },
      { inputTokens: 130, outputTokens: 700 },
    ],
    [
      "all that it could cost where nothing came",
      { generated: generated(""), end: "cut" },
      { ...WHOLE, inputTokens: CUT },
    ],
    [
      "all that it could cost where it ended without a word and a report",
      { generated: generated("") },
      WHOLE,
    ],
    [
      "nothing where it was refused",
      { generated: generated(""), end: "refused" },
      { inputTokens: 0, outputTokens: 0 },
    ],
    ["what came before it failed", { end: "refused" }, ESTIMATE],
    [
      "no less than a token a piece",
      { generated: generated("a b c d e ".repeat(20)), end: "cut" },
      { inputTokens: CUT, outputTokens: 100 },
    ],
  ])("%s", (_what, over, tokens) => {
    expect(tokensOf(call(over))).toEqual(tokens as ReturnType<typeof tokensOf>);
  });

  test.each([-1, Number.NaN, 1e15, 1.5, Number.POSITIVE_INFINITY, "12", null, undefined, {}])(
    "something that it can have cost where %p is reported",
    (nonsense) => {
      for (const usage of [reported(nonsense, nonsense, nonsense), reported(130, 90, nonsense)]) {
        const { inputTokens, outputTokens } = tokensOf(call({ usage }));
        expect(Number.isSafeInteger(inputTokens) && Number.isSafeInteger(outputTokens)).toBe(true);
        expect(inputTokens).toBeGreaterThanOrEqual(PROMPT.characters / 16);
        expect(inputTokens).toBeLessThanOrEqual(PROMPT.bytes + 256 + 2 * 16);
        expect(outputTokens).toBeGreaterThanOrEqual(WORDS);
        expect(outputTokens).toBeLessThanOrEqual(LIMIT);
      }
    },
  );
});

describe("the prompt of an answer that was stopped counts as", () => {
  const systemPrompt = "Be kind.";
  const own = promptSize({ systemPrompt, history: [] }).estimate;

  function inputOf(role: "user" | "assistant", content: string, bareQuestion?: string): number {
    const prompt = promptSize({ systemPrompt, history: [{ role, content }], bareQuestion });
    return tokensOf(call({ prompt, end: "cut" })).inputTokens;
  }

  // Some models have no longer tokens for these.
  test.each([
    ["digits", "7".repeat(4000)],
    ["cuneiform", "\u{12000}".repeat(1000)],
    ["Ethiopic", "ሀ".repeat(1000)],
    ["brackets", "}{)(".repeat(900)],
  ])("no less than the tokens that a visitor can make of it with %s", (_what, text) => {
    expect(inputOf("user", text)).toBeGreaterThanOrEqual(own + Buffer.byteLength(text));
  });

  test("an estimate of what the model and the owner have written", () => {
    expect(inputOf("assistant", "At nine. ".repeat(100))).toBe(own + 4 + 300);
    const pages = "Open at nine. ".repeat(90);
    expect(inputOf("user", `${pages}When now?`, "When now?")).toBe(own + 4 + 420 + 9);
  });
});

const seed = { seed: 19, numRuns: 300 } as const;
const texts = fc.array(fc.string({ unit: "grapheme", maxLength: 20 }), { maxLength: 60 });
const numbers = fc.oneof(
  fc.integer({ min: -10, max: 300_000 }),
  fc.double(),
  fc.constantFrom(1e9, 1e12, Number.NaN),
);

describe("whatever a server reports, the tokens", () => {
  test("are whole numbers that the texts can have, and never fewer than one in sixteen characters", () => {
    const usages = fc.option(fc.tuple(numbers, numbers, numbers), { nil: undefined });
    fc.assert(
      fc.property(
        texts,
        texts,
        usages,
        fc.constantFrom("whole", "cut"),
        (asked, said, usage, end) => {
          const prompt = promptSize({
            systemPrompt: "",
            history: asked.map((content) => ({ role: "user", content })),
          });
          const tally = new GeneratedText();
          for (const piece of said) tally.add(piece);
          const tokens = tokensOf({
            prompt,
            outputLimit: LIMIT,
            generated: tally,
            usage: usage && reported(...usage),
            end,
          });
          for (const count of Object.values(tokens)) expect(Number.isSafeInteger(count)).toBe(true);
          expect(tokens.inputTokens).toBeGreaterThanOrEqual(Math.ceil(prompt.characters / 16));
          expect(tokens.inputTokens).toBeLessThanOrEqual(prompt.bytes + 256 + 16 * prompt.messages);
          expect(tokens.outputTokens).toBeGreaterThanOrEqual(Math.ceil(tally.characters / 16));
          expect(tokens.outputTokens).toBeLessThanOrEqual(Math.max(tally.bytes, MOST_THOUGHTS));
        },
      ),
      seed,
    );
  });
});
