import { afterEach, beforeEach, describe, expect, test } from "bun:test";

import {
  event,
  finishChunk,
  type ModelScript,
  type ModelServer,
  startModelServer,
  tokenChunk,
} from "../../harness/model-server.ts";
import { GeneratedText } from "../../src/model/generated-text.ts";
import { NO_TOKENS, promptSize, type Tokens } from "../../src/spending/charge.ts";
import { UnseenThoughts } from "../../src/spending/unseen-thoughts.ts";
import { chatRequest, createTestApp, openAiSettings, type TestApp } from "../support/test-app.ts";

/** A model may think for long before its first word, and report it after its last one only. */

const OUTPUT_LIMIT = 1000;
const THOUGHTS = 800;
const DAY = "2026-11-23";

let model: ModelServer;
let app: TestApp;
const thinking: ModelScript = (call) => {
  call.raw(tokenChunk("At nine."));
  const asked = call.body.messages.at(-1)?.content ?? "";
  if (asked === "Stop me.") return;
  call.raw(finishChunk("stop"));
  if (asked.startsWith("Stop me late.")) return;
  call.raw(event({ usage: { prompt_tokens: 40, completion_tokens: THOUGHTS + 3 }, choices: [] }));
  call.raw("data: [DONE]\n\n");
  call.end();
};

/** What an answer is counted as that is stopped at its first word. */
async function askAndStop(sessionId: string, message = "Stop me."): Promise<Tokens> {
  const before = await spentTokens();
  const asked = app.fetch("/v1/chat/stream", chatRequest({ sessionId, message }));
  const reader = (await asked).body?.getReader();
  let text = "";
  while (!text.includes("event: token")) {
    text += new TextDecoder().decode((await reader?.read())?.value);
  }
  const turnId = /"turnId":"([^"]+)"/.exec(text)?.[1];
  await app.fetch(`/v1/chat/stream/${turnId}/stop`, chatRequest({}));
  await reader?.cancel();
  const after = await spentTokens();
  return {
    inputTokens: after.inputTokens - before.inputTokens,
    outputTokens: after.outputTokens - before.outputTokens,
  };
}

async function spentTokens(): Promise<Tokens> {
  const [day] = await app.store.spentIn([DAY]);
  return day ?? NO_TOKENS;
}

describe("an answer that is stopped", () => {
  beforeEach(() => {
    model = startModelServer(thinking);
    app = createTestApp({
      modelUrl: model.url,
      env: {
        OPENAI_BASE_URL: model.url,
        OPENAI_MODEL: "a-model",
        KNOWLEDGE_MODE: "off",
        MAX_OUTPUT_TOKENS: String(OUTPUT_LIMIT),
        BUDGET_UNIT: "tokens",
        BUDGET_PER_DAY: "1000000",
      },
    });
  });
  afterEach(async () => {
    await app.close();
    await model.stop();
  });

  test("counts as a whole one, once its model has thought unseen", async () => {
    expect((await askAndStop("early")).outputTokens).toBeLessThan(10);
    await app
      .fetch("/v1/chat/stream", chatRequest({ sessionId: "s", message: "When?" }))
      .then((response) => (response as Response).text());
    expect((await askAndStop("late")).outputTokens).toBe(OUTPUT_LIMIT);
  });

  test("counts a token for each byte of its question, also when only the report is missing", async () => {
    const message = `Stop me late. ${"7".repeat(3000)}`;
    expect((await askAndStop("digits", message)).inputTokens).toBeGreaterThan(3000);
  });
});

describe("whether a model may think unseen", () => {
  const settings = {
    ...openAiSettings("http://127.0.0.1:1/v1"),
    firstTokenTimeoutMs: 1000,
    idleTimeoutMs: 1000,
  };
  const generated = new GeneratedText();
  generated.add("At nine.");

  function call(completionTokens?: number) {
    const usage = { promptTokens: 9, completionTokens: completionTokens ?? 0, totalTokens: 0 };
    return {
      prompt: promptSize({ systemPrompt: "", history: [] }),
      outputLimit: OUTPUT_LIMIT,
      generated,
      usage: completionTokens === undefined ? undefined : usage,
      end: "whole",
    } as const;
  }

  test.each<[boolean, string, object]>([
    [true, "OpenAI's", { baseUrl: undefined, name: "gpt-6-luna" }],
    [true, "OpenAI's", { baseUrl: undefined, name: "o3-mini" }],
    [false, "an older one of OpenAI's", { baseUrl: undefined, name: "gpt-4.1-mini" }],
    [false, "any other server's", {}],
    [true, "one that is to think", { reasoningEffort: "low" }],
    [false, "one that is not to think", { reasoningEffort: "none" }],
  ])("is %p of %s before it has answered", (expected, _whose, over) => {
    expect(new UnseenThoughts().mayBeIn(call(), { ...settings, ...over })).toBe(expected);
  });

  test.each<[boolean, string, number]>([
    [false, "no more tokens than its text can have", 8],
    [true, "more tokens than its text can have", 400],
    [false, "nonsense", 1e9],
  ])("is %p of one that has reported %s", (expected, _what, reported) => {
    const thoughts = new UnseenThoughts();
    expect(thoughts.mayBeIn(call(reported), settings)).toBe(expected);
    expect(thoughts.mayBeIn(call(), settings)).toBe(expected);
    expect(thoughts.mayBeIn(call(), { ...settings, name: "another" })).toBe(false);
  });
});
