import { type Config, secretsOf } from "../config/config.ts";
import type { OpenAiSettings } from "../config/model.ts";
import { listModels, someOf } from "../model/catalogue.ts";
import { type ChatModel, ModelError, type ModelFinishReason } from "../model/model.ts";
import type { Notify } from "../model/notify.ts";
import { quote } from "../runtime/quote.ts";
import { RefusedCall } from "../spending/refused-call.ts";
import { generateAnswer } from "./generation.ts";
import { LiveTurn } from "./live-turn.ts";

const QUESTION = "Please answer with one word: ready.";

export const MARKS = ["ok", "warning", "wrong"] as const;

/** What one question to the model has shown. */
export interface Trial {
  readonly mark: (typeof MARKS)[number];
  /** The facts in one line. It never contains a secret. */
  readonly says: string;
  /** What the owner can do about it. */
  readonly mend?: string | undefined;
  /** It was not asked, so nothing is known of it: there is no budget left, or all models are off. */
  readonly isRefused?: boolean | undefined;
}

interface TrialDeps {
  readonly createModel: (notify: Notify) => Promise<ChatModel>;
  /** The model's settings, and the instructions and limits that a visitor's question has. */
  readonly config: Config;
  /** Aborts when nobody waits for the result any more. */
  readonly signal?: AbortSignal;
}

/** Asks the model one question, as the server would, and judges the whole answer. It costs a few tokens. */
export async function tryModel(settings: OpenAiSettings, deps: TrialDeps): Promise<Trial> {
  const refused = new Set<string>();
  const model = await deps.createModel((_, { refused: parts }) => {
    for (const part of Array.isArray(parts) ? parts : []) refused.add(String(part));
  });
  const trial = await askOnce(model, deps, refused);
  const isAnswered = trial.mark === "ok" || trial.isRefused === true;
  return isAnswered ? trial : withNames(trial, settings);
}

/** Adds the models that the model's server lists, because a wrong name is the usual mistake. */
async function withNames(trial: Trial, settings: OpenAiSettings): Promise<Trial> {
  const names = await listModels(settings);
  if (names === undefined || names.length === 0 || names.includes(settings.name)) return trial;
  const mend = `The server has no ${settings.name}. Set OPENAI_MODEL to one that it has: ${someOf(names)}`;
  const isOfModel = trial.mend?.includes("OPENAI_MODEL") ?? true;
  return { ...trial, mend: isOfModel ? mend : `${trial.mend}\n${mend}` };
}

/** Asks as a visitor would, with the same time-outs and the same judgement of the end. */
async function askOnce(
  model: ChatModel,
  { config, signal }: TrialDeps,
  refused: ReadonlySet<string>,
): Promise<Trial> {
  const { systemPrompt, maxOutputTokens } = config.assistant;
  const turn = new LiveTurn({ ...NOBODY, abandonedGraceMs: 0 });
  const reader = turn.read(0, { onEvents: () => {} });
  signal?.addEventListener("abort", () => turn.abort("stopped"));
  const { firstTokenTimeoutMs, idleTimeoutMs } = config.model;
  const { outcome, error } = await generateAnswer(
    turn,
    { systemPrompt, history: [{ role: "user", content: QUESTION }], maxOutputTokens },
    "stream",
    { model, firstTokenTimeoutMs, idleTimeoutMs, now: Date.now },
  );
  const { finishReason, firstTokenMs, durationMs } = outcome;
  const { after } = reader.take();
  if (error !== undefined) {
    return explainFailure(error, firstTokenMs !== undefined, secretsOf(config));
  }
  if (finishReason === "stopped") return ENDED_EARLY;
  // A later start replaced the tokens before it: they were the model's thoughts.
  if (after > 0) return SHOWS_THOUGHTS;
  if (finishReason === "length" || finishReason === "content_filter")
    return CUT_SHORT[finishReason];
  const without = refused.size === 0 ? "" : `, asked without ${[...refused].join(" and ")}`;
  const says = `${model.name} answers${without}; first token after ${seconds(firstTokenMs)}, all after ${seconds(durationMs)}`;
  return { mark: "ok", says };
}

/** A turn that belongs to no visitor. */
const NOBODY = { id: "trial", sessionId: "trial", conversationId: "trial" };

function seconds(ms = 0): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

const ENDED_EARLY: Trial = { mark: "wrong", says: "the trial was ended before the model answered" };

const SHOWS_THOUGHTS: Trial = {
  mark: "warning",
  says: "the model's server sends what the model thinks as the beginning of its answer",
  mend: "Have it sent separately (vLLM: --reasoning-parser; llama.cpp: --reasoning-format), or turn thinking off.",
};

const CUT_SHORT: Readonly<Record<Exclude<ModelFinishReason, "stop">, Trial>> = {
  length: {
    mark: "warning",
    says: "the model answers, but its answer to a short question was cut at its output limit",
    mend: "Raise MAX_OUTPUT_TOKENS, or make the model think less.",
  },
  content_filter: {
    mark: "warning",
    says: "the model answers, but a filter of its provider cut its answer to a plain question",
    mend: "Look at SYSTEM_PROMPT, and at the filter's settings.",
  },
};

const MENDS = {
  model_error: "Look at the log of the model's server, and check OPENAI_BASE_URL.",
  model_busy: "Look at the limits and the balance of your account at the model's provider.",
  model_timeout:
    "Is the model's server running? If it is only slow, raise MODEL_FIRST_TOKEN_TIMEOUT_MS.",
} as const;

const STOOD_STILL =
  "Is the model's server overloaded? If it is only slow, raise MODEL_IDLE_TIMEOUT_MS.";

/**
 * Why the model did not answer, for the owner: with the provider's own words, which visitors never see.
 * @param secrets are masked in those words
 */
export function explainFailure(
  error: unknown,
  hadBegun: boolean,
  secrets: readonly string[],
): Trial {
  if (!(error instanceof ModelError)) {
    // The message of any other error may contain secrets, so it is not shown.
    return { mark: "wrong", says: "the model could not be asked", mend: MENDS.model_error };
  }
  const details = error.details();
  if (details === undefined) {
    const stoodStill = error.code === "model_timeout" && hadBegun;
    return {
      mark: "wrong",
      says: error.message,
      mend: stoodStill ? STOOD_STILL : MENDS[error.code],
    };
  }
  const { says, mend, sentence = "" } = details;
  if (error instanceof RefusedCall) return { mark: "wrong", says, mend, isRefused: true };
  const quoted = sentence === "" ? "" : `; it says: ${quote(sentence, secrets)}`;
  return { mark: "wrong", says: `${says}${quoted}`, mend: asSentence(mend) };
}

function asSentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.?]$/.test(text) ? "" : "."}`;
}
