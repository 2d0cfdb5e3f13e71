import type { ChatModel, ModelDelta, ModelRequest } from "../../src/model/model.ts";
import { ModelError } from "../../src/model/model.ts";

const USAGE = { promptTokens: 11, completionTokens: 7, totalTokens: 18 };
const MANY = 100;
/** Text that must not get into an SSE frame, an NDJSON line or a CSV column unescaped. */
const ODD_TOKENS = [
  "\ud83d",
  "\udc4b",
  "\r\n",
  "\n\ndata: x",
  "\u0000",
  "\u2028",
  '"}\n',
  "\ud800",
];
const SLOW_STEPS = 5;

const nextTurn = () => new Promise((resolve) => setImmediate(resolve));

function questionOf({ history }: ModelRequest): string {
  return history.at(-1)?.content ?? "";
}

/** The model's failure for this question, if there is one. */
function failureFor(question: string): ModelError | undefined {
  if (question.endsWith("[busy]")) return new ModelError("model_busy", "scripted");
  if (question.endsWith("[broken]")) return new ModelError("model_error", "scripted");
  return question.endsWith("[timeout]") ? new ModelError("model_timeout", "scripted") : undefined;
}

async function* answer(question: string, signal: AbortSignal): AsyncIterable<ModelDelta> {
  yield { tokens: ["You said: ", question] };
  if (question.endsWith("[cut]")) return;
  if (question.endsWith("[odd]")) yield { tokens: ODD_TOKENS };
  if (question.endsWith("[many]")) yield { tokens: Array.from({ length: MANY }, () => "word ") };
  if (question.endsWith("[slow]")) {
    for (let step = 0; step < SLOW_STEPS && !signal.aborted; step += 1) {
      await nextTurn();
      yield { tokens: ["."] };
    }
  }
  yield { tokens: [], finishReason: "stop", usage: USAGE };
}

/** A model in this process that repeats the question, and fails when the question's last word says so. */
export function createScriptedModel(): ChatModel {
  return {
    name: "scripted-model",
    async stream(request, signal) {
      const question = questionOf(request);
      const failure = failureFor(question);
      if (failure) throw failure;
      return answer(question, signal);
    },
    async complete(request, signal) {
      const question = questionOf(request);
      const failure = failureFor(question);
      if (failure) throw failure;
      let text = "";
      for await (const { tokens } of answer(question, signal)) text += tokens.join("");
      if (question.endsWith("[cut]")) throw new ModelError("model_error", "scripted");
      return { text, finishReason: "stop", usage: USAGE };
    },
  };
}
