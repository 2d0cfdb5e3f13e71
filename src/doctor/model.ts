import type { Config } from "../config/config.ts";
import { type ChatModel, ModelError } from "../model/model.ts";
import type { Finding } from "./report.ts";

const SUBJECT = "model";
const QUESTION = "Please answer with one word: ready.";

/** Asks one question as the server would, to the end: it costs a few tokens. */
export async function checkModel(
  model: ChatModel,
  config: Pick<Config, "model" | "systemPrompt" | "maxOutputTokens" | "modelFirstTokenTimeoutMs">,
): Promise<Finding> {
  if (config.model.kind === "demo") {
    return {
      mark: "warning",
      subject: SUBJECT,
      says: "the built-in demo model answers",
      mend: "Set OPENAI_API_KEY or OPENAI_BASE_URL for real answers.",
    };
  }
  const signal = AbortSignal.timeout(config.modelFirstTokenTimeoutMs);
  const startedAt = performance.now();
  const seconds = () => `${((performance.now() - startedAt) / 1000).toFixed(1)} s`;
  const request = {
    systemPrompt: config.systemPrompt,
    history: [{ role: "user" as const, content: QUESTION }],
    maxOutputTokens: config.maxOutputTokens,
  };
  try {
    let firstToken: string | undefined;
    let isFinished = false;
    for await (const { tokens, finishReason } of await model.stream(request, signal)) {
      if (tokens.length > 0) firstToken ??= seconds();
      isFinished ||= finishReason !== undefined;
    }
    if (signal.aborted) throw tooSlow(config.modelFirstTokenTimeoutMs);
    if (!isFinished) throw new ModelError("model_error", "the model's stream was cut");
    if (firstToken === undefined) throw new ModelError("model_error", "the answer is empty");
    const says = `${model.name} answers; first token after ${firstToken}, all after ${seconds()}`;
    return { mark: "ok", subject: SUBJECT, says };
  } catch (error) {
    return explain(signal.aborted ? tooSlow(config.modelFirstTokenTimeoutMs) : error);
  }
}

function tooSlow(ms: number): ModelError {
  return new ModelError("model_timeout", `no answer within ${ms / 1000} s`);
}

const MENDS = {
  model_error: "Check OPENAI_API_KEY, OPENAI_BASE_URL, OPENAI_MODEL and MAX_OUTPUT_TOKENS.",
  model_busy: "Look at the limits and the balance of your account at the model's provider.",
  model_timeout:
    "Is the model's server up? If it is only slow, raise MODEL_FIRST_TOKEN_TIMEOUT_MS.",
} as const;

function explain(error: unknown): Finding {
  const code = error instanceof ModelError ? error.code : "model_error";
  // A ModelError's reason is made for the owner; what else is thrown may hold anything.
  const says = error instanceof ModelError ? error.message : "the model could not be asked";
  return { mark: "wrong", subject: SUBJECT, says, mend: MENDS[code] };
}
