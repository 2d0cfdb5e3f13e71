import { adviseOn } from "../config/advice.ts";
import { type Config, secretsOf } from "../config/config.ts";
import type { OpenAiSettings } from "../config/model.ts";
import { findShutdown, listModels, someOf } from "../model/catalogue.ts";
import { emptyAnswer, hasWords, SEE_SERVER } from "../model/endings.ts";
import { type ChatModel, ModelError, type ModelFinishReason } from "../model/model.ts";
import type { Notify } from "../model/notify.ts";
import { quote } from "./quote.ts";
import type { Finding } from "./report.ts";

const SUBJECT = "model";
const QUESTION = "Please answer with one word: ready.";

/** Asks one question as the server would, to the end, and what the server says of its models. */
export async function checkModel(
  createModel: (notify: Notify) => Promise<ChatModel>,
  config: Config,
  now: number,
): Promise<Finding[]> {
  const settings = config.model;
  if (settings.kind === "demo") return [DEMO];
  const refused = new Set<string>();
  const model = await createModel((_, { refused: parts }) => {
    for (const part of Array.isArray(parts) ? parts : []) refused.add(String(part));
  });
  const answer = await askOnce(model, config, refused);
  if (answer.mark !== "ok") return [await withNames(answer, settings)];
  const situation = { config, modelEndsAt: await findShutdown(settings), now };
  const end = adviseOn(situation).find(({ id }) => id === "model-ends");
  if (end === undefined) return [answer];
  return [answer, { mark: "warning", subject: SUBJECT, says: end.says, mend: end.mend }];
}

const DEMO: Finding = {
  mark: "warning",
  subject: SUBJECT,
  says: "the built-in demo model answers",
  mend: "Set OPENAI_API_KEY or OPENAI_BASE_URL for real answers.",
};

/** A wrong name is the usual mistake: the server may know which ones are right. */
async function withNames(finding: Finding, settings: OpenAiSettings): Promise<Finding> {
  const names = await listModels(settings);
  if (names === undefined || names.length === 0 || names.includes(settings.name)) return finding;
  const mend = `The server has no ${settings.name}. Set OPENAI_MODEL to one that it has: ${someOf(names)}`;
  const isOfModel = finding.mend?.includes("OPENAI_MODEL") ?? true;
  return { ...finding, mend: isOfModel ? mend : `${finding.mend}\n${mend}` };
}

/** It costs a few tokens. */
async function askOnce(
  model: ChatModel,
  config: Config,
  refused: ReadonlySet<string>,
): Promise<Finding> {
  const signal = AbortSignal.timeout(config.model.firstTokenTimeoutMs);
  const startedAt = performance.now();
  const seconds = () => `${((performance.now() - startedAt) / 1000).toFixed(1)} s`;
  const request = {
    systemPrompt: config.assistant.systemPrompt,
    history: [{ role: "user" as const, content: QUESTION }],
    maxOutputTokens: config.assistant.maxOutputTokens,
  };
  try {
    let firstToken = "";
    let text = "";
    let finishReason: ModelFinishReason | undefined;
    let hasShownThought = false;
    for await (const delta of await model.stream(request, signal)) {
      if (delta.takesBack) {
        hasShownThought = text !== "";
        text = "";
      }
      if (!hasWords(text)) firstToken = seconds();
      text += delta.tokens.join("");
      finishReason = delta.finishReason;
    }
    if (signal.aborted) throw tooSlow(config.model.firstTokenTimeoutMs);
    if (finishReason === undefined) throw cutOff();
    if (!hasWords(text)) throw emptyAnswer(finishReason);
    if (hasShownThought) return SHOWS_THOUGHTS;
    if (finishReason !== "stop") return CUT_SHORT[finishReason];
    const without = refused.size === 0 ? "" : `, asked without ${[...refused].join(" and ")}`;
    const says = `${model.name} answers${without}; first token after ${firstToken}, all after ${seconds()}`;
    return { mark: "ok", subject: SUBJECT, says };
  } catch (error) {
    const cause = signal.aborted ? tooSlow(config.model.firstTokenTimeoutMs) : error;
    return explain(cause, secretsOf(config));
  }
}

function cutOff(): ModelError {
  const says = "the model's stream was cut";
  return new ModelError("model_error", says, undefined, { says, mend: SEE_SERVER });
}

const SHOWS_THOUGHTS: Finding = {
  mark: "warning",
  subject: SUBJECT,
  says: "the model's server sends what the model thinks as the beginning of its answer",
  mend: "Have it sent apart (vLLM: --reasoning-parser; llama.cpp: --reasoning-format), or turn thinking off.",
};

const CUT_SHORT: Readonly<Record<Exclude<ModelFinishReason, "stop">, Finding>> = {
  length: {
    mark: "warning",
    subject: SUBJECT,
    says: "the model answers, but its answer to a short question was cut at its output limit",
    mend: "Raise MAX_OUTPUT_TOKENS, or have the model think less.",
  },
  content_filter: {
    mark: "warning",
    subject: SUBJECT,
    says: "the model answers, but a filter of its provider cut its answer to a plain question",
    mend: "Look at SYSTEM_PROMPT, and at the filter's settings.",
  },
};

function tooSlow(ms: number): ModelError {
  return new ModelError("model_timeout", `no answer within ${ms / 1000} s`);
}

const MENDS = {
  model_error: "Check OPENAI_API_KEY, OPENAI_BASE_URL, OPENAI_MODEL and MAX_OUTPUT_TOKENS.",
  model_busy: "Look at the limits and the balance of your account at the model's provider.",
  model_timeout:
    "Is the model's server up? If it is only slow, raise MODEL_FIRST_TOKEN_TIMEOUT_MS.",
} as const;

function explain(error: unknown, secrets: readonly string[]): Finding {
  if (!(error instanceof ModelError)) {
    // What else is thrown may hold anything.
    const says = "the model could not be asked";
    return { mark: "wrong", subject: SUBJECT, says, mend: MENDS.model_error };
  }
  const details = error.details();
  if (details === undefined) {
    return { mark: "wrong", subject: SUBJECT, says: error.message, mend: MENDS[error.code] };
  }
  const { says, mend, sentence = "" } = details;
  const quoted = sentence === "" ? "" : `; it says: ${quote(sentence, secrets)}`;
  return { mark: "wrong", subject: SUBJECT, says: `${says}${quoted}`, mend: asSentence(mend) };
}

function asSentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.?]$/.test(text) ? "" : "."}`;
}
