import { adviseOn, type Situation } from "../config/advice.ts";
import { type Config, secretsOf } from "../config/config.ts";
import type { OpenAiSettings } from "../config/model.ts";
import { findShutdown, listModels, someOf } from "../model/catalogue.ts";
import { type ChatModel, ModelError, type ModelFinishReason } from "../model/model.ts";
import type { Notify } from "../model/notify.ts";
import { generateAnswer } from "../turns/generation.ts";
import { LiveTurn } from "../turns/live-turn.ts";
import { quote } from "./quote.ts";
import { advised, type Finding } from "./report.ts";

const SUBJECT = "model";
const QUESTION = "Please answer with one word: ready.";

/** Asks the model one question, as the server would, and judges the whole answer. */
export async function checkModel(
  createModel: (notify: Notify) => Promise<ChatModel>,
  config: Config,
  now: number,
): Promise<Finding[]> {
  const settings = config.model;
  if (settings.kind === "demo") return advisedOf("demo-model", { config });
  // That is among the findings on the settings.
  if (settings.kind === "none") return [];
  const refused = new Set<string>();
  const model = await createModel((_, { refused: parts }) => {
    for (const part of Array.isArray(parts) ? parts : []) refused.add(String(part));
  });
  const answer = await askOnce(model, config, refused);
  if (answer.mark !== "ok") return [await withNames(answer, settings)];
  const situation = { config, modelEndsAt: await findShutdown(settings), now };
  return [answer, ...advisedOf("model-ends", situation)];
}

function advisedOf(id: string, situation: Situation): Finding[] {
  return adviseOn(situation)
    .filter((advice) => advice.id === id)
    .map((advice) => advised(advice, SUBJECT));
}

/** Adds the models that the model's server lists, because a wrong name is the usual mistake. */
async function withNames(finding: Finding, settings: OpenAiSettings): Promise<Finding> {
  const names = await listModels(settings);
  if (names === undefined || names.length === 0 || names.includes(settings.name)) return finding;
  const mend = `The server has no ${settings.name}. Set OPENAI_MODEL to one that it has: ${someOf(names)}`;
  const isOfModel = finding.mend?.includes("OPENAI_MODEL") ?? true;
  return { ...finding, mend: isOfModel ? mend : `${finding.mend}\n${mend}` };
}

/** Asks as a visitor would, with the same time-outs and the same judgement of the end. It costs a few tokens. */
async function askOnce(
  model: ChatModel,
  config: Config,
  refused: ReadonlySet<string>,
): Promise<Finding> {
  const { systemPrompt, maxOutputTokens } = config.assistant;
  const turn = new LiveTurn({ ...NOBODY, abandonedGraceMs: 0 });
  const reader = turn.read(0, { onEvents: () => {} });
  const { firstTokenTimeoutMs, idleTimeoutMs } = config.model;
  const { outcome, error } = await generateAnswer(
    turn,
    { systemPrompt, history: [{ role: "user", content: QUESTION }], maxOutputTokens },
    "stream",
    { model, firstTokenTimeoutMs, idleTimeoutMs, now: Date.now },
  );
  const { finishReason, firstTokenMs, durationMs } = outcome;
  const { after } = reader.take();
  if (error !== undefined) return explain(error, firstTokenMs !== undefined, secretsOf(config));
  // A later start replaced the tokens before it: they were the model's thoughts.
  if (after > 0) return SHOWS_THOUGHTS;
  if (finishReason === "length" || finishReason === "content_filter")
    return CUT_SHORT[finishReason];
  const without = refused.size === 0 ? "" : `, asked without ${[...refused].join(" and ")}`;
  const says = `${model.name} answers${without}; first token after ${seconds(firstTokenMs)}, all after ${seconds(durationMs)}`;
  return { mark: "ok", subject: SUBJECT, says };
}

/** A turn that belongs to no visitor. */
const NOBODY = { id: "doctor", sessionId: "doctor", conversationId: "doctor" };

function seconds(ms = 0): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

const SHOWS_THOUGHTS: Finding = {
  mark: "warning",
  subject: SUBJECT,
  says: "the model's server sends what the model thinks as the beginning of its answer",
  mend: "Have it sent separately (vLLM: --reasoning-parser; llama.cpp: --reasoning-format), or turn thinking off.",
};

const CUT_SHORT: Readonly<Record<Exclude<ModelFinishReason, "stop">, Finding>> = {
  length: {
    mark: "warning",
    subject: SUBJECT,
    says: "the model answers, but its answer to a short question was cut at its output limit",
    mend: "Raise MAX_OUTPUT_TOKENS, or make the model think less.",
  },
  content_filter: {
    mark: "warning",
    subject: SUBJECT,
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

function explain(error: unknown, hadBegun: boolean, secrets: readonly string[]): Finding {
  if (!(error instanceof ModelError)) {
    // The message of any other error may contain secrets, so it is not shown.
    const says = "the model could not be asked";
    return { mark: "wrong", subject: SUBJECT, says, mend: MENDS.model_error };
  }
  const details = error.details();
  if (details === undefined) {
    const stoodStill = error.code === "model_timeout" && hadBegun;
    const mend = stoodStill ? STOOD_STILL : MENDS[error.code];
    return { mark: "wrong", subject: SUBJECT, says: error.message, mend };
  }
  const { says, mend, sentence = "" } = details;
  const quoted = sentence === "" ? "" : `; it says: ${quote(sentence, secrets)}`;
  return { mark: "wrong", subject: SUBJECT, says: `${says}${quoted}`, mend: asSentence(mend) };
}

function asSentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.?]$/.test(text) ? "" : "."}`;
}
