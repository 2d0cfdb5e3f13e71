import { expect, test } from "bun:test";

import fc from "fast-check";

import { ModelError } from "../../src/model/model.ts";
import { Manners, Negotiation } from "../../src/model/negotiation.ts";
import { isOverflow, readRefusal } from "../../src/model/refusal.ts";

const WORDS = [
  "stream_options",
  "max_tokens",
  "max_completion_tokens",
  "reasoning_effort",
  "system role",
  "context length",
  "prompt is too long",
  "unknown field",
  "messages",
];

const sentence = fc
  .array(fc.constantFrom(...WORDS), { maxLength: 6 })
  .map((words) => words.join(" "));
const body = fc.oneof(
  sentence,
  sentence.map((message) => ({ error: { message } })),
  fc.tuple(sentence, fc.constantFrom(...WORDS)).map(([message, param]) => ({
    error: { message, param },
  })),
  sentence.map((msg) => ({ detail: [{ loc: ["body", msg], msg }] })),
  fc.jsonValue(),
);
const status = fc.constantFrom(400, 404, 413, 422, 429, 500, 501);

test("whatever a server refuses, it is asked a bounded number of times, always with the question", () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(status, body), { minLength: 30, maxLength: 30 }),
      fc.array(fc.string({ maxLength: 300 }), { maxLength: 60 }),
      fc.boolean(),
      (refusals, texts, isOpenAi) => {
        const earlier = texts.flatMap((text) => [
          { role: "user" as const, content: `Q ${text}` },
          { role: "assistant" as const, content: `A ${text}` },
        ]);
        const question = { role: "user" as const, content: "The question" };
        const negotiation = new Negotiation(
          { systemPrompt: "The prompt", history: [...earlier, question], maxOutputTokens: 9 },
          { model: "m", stream: true, isOpenAi, reasoningEffort: "none" },
          { manners: new Manners(() => {}), baseUrl: undefined },
        );
        let asked = 0;
        try {
          for (const [code, said] of refusals) {
            asked += 1;
            const sent = JSON.stringify(negotiation.body());
            expect(sent).toContain("The prompt");
            expect(sent).toContain("The question");
            const refusal = readRefusal(code, said);
            negotiation.adapt({ kind: "refused", refusal, names: { type: "", code: "" } });
          }
        } catch (error) {
          if (!(error instanceof ModelError)) throw error;
        }
        expect(asked).toBeLessThanOrEqual(6 + 7);
      },
    ),
    { numRuns: 300 },
  );
});

test("any JSON is read as a refusal, whatever its depth and width", () => {
  let deep: unknown = "context length";
  for (let depth = 0; depth < 5000; depth += 1) deep = { error: deep };
  expect(isOverflow(readRefusal(400, deep))).toBe(false);
  const wide = Array.from({ length: 100_000 }, () => ({ message: "x".repeat(100) }));
  expect(readRefusal(400, wide).text.length).toBeLessThanOrEqual(8192);
});
