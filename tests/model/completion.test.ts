import { describe, expect, test } from "bun:test";

import fc from "fast-check";

import { readAnswer } from "../../src/model/answer-body.ts";
import { ChunkReader } from "../../src/model/completion.ts";
import { ModelError } from "../../src/model/model.ts";
import { ThinkingHabit } from "../../src/model/thinking-habit.ts";

/** JSON that is close enough to a completion to reach every branch. */
const strange = fc.oneof(
  fc.jsonValue(),
  fc.constantFrom(null, "", "stop", 0, -1, 1.5, 1e300, [], {}, true),
);
const usage = fc.record(
  { prompt_tokens: strange, completion_tokens: strange, total_tokens: strange },
  { requiredKeys: [] },
);
const part = fc.record({ type: strange, text: strange }, { requiredKeys: [] });
const message = fc.record(
  {
    content: fc.oneof(strange, fc.array(fc.oneof(part, strange))),
    refusal: strange,
    reasoning: strange,
    reasoning_content: strange,
  },
  { requiredKeys: [] },
);
const choice = fc.record(
  {
    delta: fc.oneof(message, strange),
    message: fc.oneof(message, strange),
    finish_reason: strange,
  },
  { requiredKeys: [] },
);
const nearlyCompletion = fc.record(
  {
    choices: fc.oneof(fc.array(fc.oneof(choice, strange)), strange),
    usage: fc.oneof(usage, strange),
    error: fc.oneof(fc.record({ type: strange, code: strange, message: strange }), strange),
  },
  { requiredKeys: [] },
);
const anyText = fc.oneof(
  fc.json(),
  fc.string({ unit: "binary" }),
  nearlyCompletion.map((value) => JSON.stringify(value)),
  nearlyCompletion.map((value) => JSON.stringify(value).slice(0, -1)),
);

/** The value, or undefined when the only allowed error was thrown. */
function orModelError<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    expect(error).toBeInstanceOf(ModelError);
    return undefined;
  }
}

function expectSound(end: { finishReason?: unknown; usage?: unknown }): void {
  if (end.finishReason !== undefined) {
    expect(["stop", "length", "content_filter"]).toContain(String(end.finishReason));
  }
  if (end.usage === undefined) return;
  for (const count of Object.values(end.usage as object)) {
    expect(Number.isSafeInteger(count) && count >= 0).toBe(true);
  }
}

type ReadChunks = ReturnType<ChunkReader["read"]>;

function orThrow({ delta, failure }: ReadChunks) {
  if (failure !== undefined) throw failure;
  return delta;
}

function readWhole(text: string) {
  return readAnswer(new Response(text), new ThinkingHabit());
}

function readChunks(chunks: readonly string[]) {
  return orThrow(new ChunkReader().read(chunks));
}

describe("whatever a server sends,", () => {
  test("readChunks gives sound tokens or throws a ModelError", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const delta = orModelError(() => readChunks([text]));
        if (!delta) return;
        for (const token of delta.tokens)
          expect(typeof token === "string" && token !== "").toBe(true);
        expectSound(delta);
      }),
      { numRuns: 1000 },
    );
  });

  test("a whole answer has sound text or is a ModelError", async () => {
    await fc.assert(
      fc.asyncProperty(anyText, async (text) => {
        const answer = await readWhole(text).catch((error: unknown) => {
          expect(error).toBeInstanceOf(ModelError);
        });
        if (!answer) return;
        expect(answer.text).toBeString();
        expectSound(answer);
      }),
      { numRuns: 1000 },
    );
  });

  test("an error's text stays out of the reason", async () => {
    const secret = "my name is Ada Lovelace";
    for (const data of [`{"${secret}`, JSON.stringify({ error: { message: secret } }), secret]) {
      for (const read of [async (text: string) => readChunks([text]), readWhole]) {
        const error: unknown = await read(data).catch((thrown: unknown) => thrown);
        expect(error).toBeInstanceOf(ModelError);
        expect(Bun.inspect(error)).not.toContain(secret);
      }
    }
  });
});

describe("the usage of a completion", () => {
  const usageOf = (sent: unknown) => readChunks([JSON.stringify({ usage: sent })]).usage;

  test("is given when both counts are whole numbers", () => {
    expect(usageOf({ prompt_tokens: 1, completion_tokens: 2, total_tokens: 4 })).toEqual({
      promptTokens: 1,
      completionTokens: 2,
      totalTokens: 4,
    });
    expect(usageOf({ prompt_tokens: 0, completion_tokens: 0 })?.totalTokens).toBe(0);
  });

  test("has a computed total when the total that was sent is unreasonable", () => {
    const sent = { prompt_tokens: 1, completion_tokens: 2, total_tokens: Number.MAX_SAFE_INTEGER };
    expect(usageOf(sent)?.totalTokens).toBe(3);
  });

  test.each([
    [null],
    [{}],
    [{ prompt_tokens: 1 }],
    [{ prompt_tokens: "1", completion_tokens: 2 }],
    [{ prompt_tokens: -1, completion_tokens: 2 }],
    [{ prompt_tokens: 1.5, completion_tokens: 2 }],
    [{ prompt_tokens: 1e300, completion_tokens: 2 }],
    [{ prompt_tokens: 1_000_000_001, completion_tokens: 2 }],
    [{ prompt_tokens: 1, completion_tokens: Number.MAX_SAFE_INTEGER }],
  ])("is not given for %j", (sent) => {
    expect(usageOf(sent)).toBeUndefined();
  });
});

describe("chunks of one form", () => {
  /** Texts with characters that JSON must escape, and with some that only look like the end of a string. */
  const text = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.constantFrom(
      '"',
      "\\",
      '\\"',
      "\n",
      '","content":"x',
      '"content":"',
      '"}}]}',
      "\u0000",
      " ",
    ),
  );
  const extra = fc.dictionary(fc.constantFrom("id", "model", "content", "obfuscation"), text);
  const chunk = fc.record({ token: text, inner: extra, outer: extra });
  const chunkText = ({ token, inner, outer }: { token: string; inner: object; outer: object }) =>
    JSON.stringify({
      ...outer,
      choices: [{ index: 0, delta: { ...inner, content: token }, finish_reason: null }],
    });

  test("give the same tokens to a reader that knows the form and to one that does not", () => {
    fc.assert(
      fc.property(chunk, fc.array(fc.oneof(chunk, text)), (first, others) => {
        const chunks = [
          chunkText(first),
          ...others.map((other) =>
            typeof other === "string" ? chunkText({ ...first, token: other }) : chunkText(other),
          ),
        ];
        // The answer has begun, so that what follows is not taken for white space before it.
        const begun = JSON.stringify({ choices: [{ delta: { content: "-" } }], form: "other" });
        const reader = new ChunkReader();
        reader.read([begun]);
        const inOneStream = chunks.flatMap((data) => reader.read([data]).delta.tokens);
        const eachAlone = chunks.flatMap((data) => readChunks([begun, data]).tokens.slice(1));
        expect(inOneStream).toEqual(eachAlone);
      }),
      { numRuns: 2000 },
    );
  });

  test("do not hide a finish reason, a usage or an error behind the token", () => {
    const reader = new ChunkReader();
    const plain = { choices: [{ delta: { content: "a" }, finish_reason: null }] };
    expect(reader.read([JSON.stringify(plain)]).delta).toEqual({ tokens: ["a"] });
    const last = { choices: [{ delta: { content: "b" }, finish_reason: "stop" }] };
    expect(reader.read([JSON.stringify(last)]).delta).toEqual({ tokens: ["b"] });
    expect(reader.end.conclude()).toBe("stop");
    expect(() =>
      orThrow(reader.read([JSON.stringify({ ...plain, error: { code: "x" } })])),
    ).toThrow(ModelError);
  });
});
