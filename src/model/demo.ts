import { setTimeout as sleep } from "node:timers/promises";

import type { ChatModel, ModelAnswer, ModelDelta, ModelRequest } from "./model.ts";

/** A brisk reader's pace, in milliseconds a word. */
const WORD_INTERVAL_MS = 40;
/** How much of the question is repeated. */
const MAX_ECHO_LENGTH = 200;

/** Answers without a language model, so that the first run needs nothing from outside. */
export function createDemoModel(wordIntervalMs = WORD_INTERVAL_MS): ChatModel {
  async function* words(request: ModelRequest, signal: AbortSignal): AsyncIterable<ModelDelta> {
    for (const word of demoAnswer(request).split(/(?<= )/)) {
      if (signal.aborted) return;
      yield { tokens: [word] };
      // An abort ends the pause; the loop then checks the signal.
      await sleep(wordIntervalMs, undefined, { signal }).catch(() => undefined);
    }
    yield { tokens: [], finishReason: "stop" };
  }

  return {
    name: "demo",

    async stream(request: ModelRequest, signal: AbortSignal) {
      return words(request, signal);
    },

    async complete(request: ModelRequest): Promise<ModelAnswer> {
      return { text: demoAnswer(request), finishReason: "stop" };
    },
  };
}

function demoAnswer(request: ModelRequest): string {
  const questions = request.history.filter((message) => message.role === "user");
  const asked = request.bareQuestion ?? questions.at(-1)?.content ?? "";
  const question = asked.trim().replace(/\s+/g, " ");
  const echo = [...question].slice(0, MAX_ECHO_LENGTH).join("");
  const isShortened = echo.length < question.length;
  const count = questions.length === 1 ? "your first message" : `message ${questions.length}`;
  return (
    `This is chatporch's demo model, not a real assistant. I understood ${count} as: ` +
    `“${echo}${isShortened ? "…" : ""}” ` +
    (request.bareQuestion === undefined ? "" : "Of your pages, this one fits best [1]. ") +
    "Set OPENAI_API_KEY or OPENAI_BASE_URL to get real answers."
  );
}
