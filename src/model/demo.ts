import { setTimeout as sleep } from "node:timers/promises";

import type { ChatModel, ModelAnswer, ModelDelta, ModelRequest } from "./model.ts";

/** A brisk reader's pace, in milliseconds a word. */
const WORD_INTERVAL_MS = 40;
/** How much of the question is repeated. */
const MAX_ECHO_LENGTH = 200;

/** Answers without a language model, so that the first run needs nothing from outside. */
export function createDemoModel(wordIntervalMs = WORD_INTERVAL_MS): ChatModel {
  async function* words(request: ModelRequest, signal: AbortSignal): AsyncIterable<ModelDelta> {
    for (const word of demoAnswer(request).split(/(?<=\s)(?=\S)/)) {
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

/** What models answer with, for whoever wants to see how it looks. The names are words that a question asks for it with. */
const SAMPLES = [
  {
    name: "list",
    text: `What you can try here:

1. **Reload the page** in the middle of an answer: it goes on.
2. Ask for a *table* or for *code*.
3. Open the dashboard:
   - every conversation, as it happens
   - a model, the instructions and your pages`,
  },
  {
    name: "table",
    text: `| Model | What to set |
| :---- | :---------- |
| OpenAI | \`OPENAI_API_KEY\` |
| Ollama, vLLM, LM Studio | \`OPENAI_BASE_URL\` |
| Any other | both, and \`OPENAI_MODEL\` |`,
  },
  {
    name: "code",
    text: `To use a model on your own machine:

\`\`\`sh
ollama pull llama3.2
OPENAI_BASE_URL=http://127.0.0.1:11434/v1 ./chatporch
\`\`\``,
  },
] as const;

/** What the question asks for, else one after the other. */
function sampleFor(question: string, count: number): string {
  const wanted = SAMPLES.find(({ name }) => question.toLowerCase().includes(name));
  return (wanted ?? SAMPLES[(count - 1) % SAMPLES.length])?.text ?? "";
}

function hasSource({ history, bareQuestion }: ModelRequest): boolean {
  return bareQuestion !== undefined && (history.at(-1)?.content.includes("\n[1] ") ?? false);
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
    (hasSource(request) ? "Of your pages, this one fits best [1]. " : "") +
    "Set OPENAI_API_KEY or OPENAI_BASE_URL to get real answers.\n\n" +
    sampleFor(question, questions.length)
  );
}
