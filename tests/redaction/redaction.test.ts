import { describe, expect, test } from "bun:test";

import type { RedactionSettings } from "../../src/config/redaction.ts";
import { Metrics } from "../../src/metrics/metrics.ts";
import type { ChatModel, ModelRequest } from "../../src/model/model.ts";
import { createRedactionInForce } from "../../src/redaction/redaction.ts";
import { askOnce } from "../../src/turns/ask-once.ts";

const CARD = "4111 1111 1111 1111";
const MASKED = "•••• •••• •••• ••••";

function start(redaction: RedactionSettings) {
  const config = { redaction };
  const metrics = new Metrics();
  return { config, metrics, inForce: createRedactionInForce({ config, metrics }) };
}

test("nothing is in force while no kind is set, and what is set is in force at once", async () => {
  const { config, inForce } = start({ kinds: [], before: "model" });
  expect(await inForce()).toBeUndefined();
  config.redaction = { kinds: ["cards"], before: "model" };
  expect((await inForce())?.redact(CARD)).toBe(MASKED);
  config.redaction = { kinds: ["ibans"], before: "model" };
  expect((await inForce())?.redact(CARD)).toBe(CARD);
});

test("what is taken out of texts is counted by its kind, and what a model does not get is not", async () => {
  const { metrics, inForce } = start({ kinds: ["cards", "emails"], before: "model" });
  const redaction = await inForce();
  redaction?.redact(`${CARD}, ada@example.com and ${CARD}`);
  redaction?.forModel(CARD);
  const filter = redaction?.createFilter([]);
  filter?.pass("4111 1111 ");
  filter?.pass("1111 1111.");
  const text = metrics.write();
  expect(text).toContain('chatporch_redactions_total{kind="cards"} 3\n');
  expect(text).toContain('chatporch_redactions_total{kind="emails"} 1\n');
  expect(text).toContain('chatporch_redactions_total{kind="phones"} 0\n');
});

describe("a question that the owner's tools ask", () => {
  test.each([
    ["model", MASKED],
    ["storage", CARD],
  ] as const)("is given to the model as a visitor's is, with before=%s", async (before, given) => {
    const { inForce } = start({ kinds: ["cards"], before });
    const asked: ModelRequest[] = [];
    const model: ChatModel = {
      name: "test-model",
      async stream(request) {
        asked.push(request);
        return (async function* () {
          yield { tokens: ["You wrote 4111 1111", " 1111 1111."] };
          yield { tokens: [], finishReason: "stop" as const };
        })();
      },
      complete: () => Promise.reject(new Error("It is streamed.")),
    };
    const { outcome } = await askOnce(
      { question: `My card is ${CARD}`, systemPrompt: "Be brief.", maxOutputTokens: 100 },
      {
        model,
        grounder: { ground: async () => undefined },
        redaction: inForce,
        timeouts: { firstTokenTimeoutMs: 10_000, idleTimeoutMs: 10_000 },
        now: Date.now,
      },
      new AbortController().signal,
    );
    expect(asked[0]?.history.at(-1)?.content).toBe(`My card is ${given}`);
    expect(outcome.content).toBe(`You wrote ${MASKED}.`);
  });
});
