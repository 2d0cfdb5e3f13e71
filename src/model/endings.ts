import { ModelError, type ModelFinishReason } from "./model.ts";

/**
 * How an answer ended, by the model server's finish reason. `broken`: the server gave the answer up.
 * `unknown`: the reason is not in the table. Neither counts as a complete answer.
 */
type Ending = ModelFinishReason | "broken" | "unknown";

/**
 * The finish reasons that servers send, in snake case: OpenAI, Azure, Anthropic, Gemini and Vertex, Mistral,
 * Cohere, DeepSeek, Zhipu, Moonshot, DashScope, Qianfan, Bedrock, watsonx, OpenRouter, LiteLLM, vLLM,
 * SGLang, TGI, llama.cpp, LM Studio, Ollama.
 */
const REASONS: Readonly<Record<Exclude<Ending, "unknown">, string>> = {
  // chatporch offers no tools, so a call of a tool ends the text before it.
  stop: `stop stopped stop_sequence stop_token stop_string stop_str stop_word stop_words stop_criteria_met
    stop_string_found word eos eos_token eos_found eot end end_turn end_of_turn end_of_text endoftext
    end_of_sequence complete completed completion finish finished done normal success
    tool_call tool_calls tool_use function_call`,
  length: `length max_length max_tokens max_output_tokens max_new_tokens max_completion_tokens
    max_tokens_reached max_predicted_tokens_reached model_length model_context_window_exceeded
    context_length context_length_reached context_length_exceeded context_window_exceeded
    limit token_limit time_limit error_limit truncated incomplete repetition pause_turn`,
  content_filter: `content_filter content_filtered content_filtering filter filtered safety sensitive
    recitation language blocklist blocked prohibited_content spii image_safety image_prohibited_content
    image_recitation model_armor guardrail guardrails guardrail_intervened guardrail_blocked moderation
    policy_violation error_toxic refusal refused data_inspection_failed`,
  broken: `error errored failed failure fail exception internal_error server_error network_error
    insufficient_system_resource insufficient_system_resources abort aborted cancel canceled cancelled
    user_cancel user_stopped interrupted timeout timed_out overloaded disconnected model_unloaded
    load unload malformed_function_call malformed_response malformed_model_output malformed_tool_use
    unexpected_tool_call too_many_tool_calls missing_thought_signature no_image image_other other`,
};

/** Words for "no finish reason yet". Some servers send one with every chunk. */
const NO_REASON = new Set(
  `null none nil undefined not_finished in_progress generating continue unspecified
    finish_reason_unspecified`.split(/\s+/),
);

const ENDING_OF = new Map<string, Ending>();
for (const [ending, names] of Object.entries(REASONS)) {
  for (const name of names.split(/\s+/)) ENDING_OF.set(name, ending as Ending);
}

/** The finish reason in one chunk. */
export interface SaidEnd {
  readonly ending: Ending;
  /** The server's own word. It is logged only if it looks like a name (`isName`). */
  readonly word: unknown;
}

/**
 * Reads the finish reason of one choice; undefined while the answer goes on. A gateway's own `stop` counts
 * less than the reason of the server behind it.
 */
export function readEnd(reason: unknown, nativeReason?: unknown): SaidEnd | undefined {
  const said = judge(reason);
  const native = judge(nativeReason);
  if (native === undefined || native.ending === "unknown") return said;
  return said === undefined || said.ending === "stop" ? native : said;
}

function judge(reason: unknown): SaidEnd | undefined {
  const word = typeof reason === "object" && reason !== null ? typeIn(reason) : reason;
  if (word === undefined || word === null || word === "" || word === false) return undefined;
  if (typeof word !== "string") return { ending: "unknown", word };
  const name = word
    .trim()
    .replace(/^FinishReason\.|^FINISH_REASON_(?!UNSPECIFIED)/i, "")
    .replaceAll(/(?<=[a-z])(?=[A-Z])|[\s-]+/g, "_")
    .toLowerCase();
  if (NO_REASON.has(name)) return undefined;
  return { ending: ENDING_OF.get(name) ?? "unknown", word };
}

/** SGLang sends its finish reason as an object. */
function typeIn(reason: object): unknown {
  return "type" in reason ? reason.type : reason;
}

/**
 * Which of two finish reasons counts. It is the later one, because some gateways send `stop` with every
 * chunk. But a later `stop` does not replace a cut, a filter or a failure.
 */
export function laterEnd(before: SaidEnd | undefined, next: SaidEnd): SaidEnd {
  const isOverruled =
    before !== undefined &&
    next.ending === "stop" &&
    before.ending !== "unknown" &&
    before.ending !== "stop";
  return isOverruled ? before : next;
}

/**
 * The finish reason of an answer that has ended.
 * @throws ModelError when the server gave the answer up, or sent an unknown finish reason
 */
export function finishReasonOf({ ending, word }: SaidEnd): ModelFinishReason {
  if (ending !== "broken" && ending !== "unknown") return ending;
  const kind = isName(word) ? `: ${word}` : "";
  const reason =
    ending === "broken"
      ? `the model's server gave up the answer${kind}`
      : `the model's server ended the answer with an unknown finish reason${kind}`;
  throw new ModelError("model_error", reason, undefined, { says: reason, mend: SEE_SERVER });
}

/** The advice for a failure whose reason only the model's server knows. */
export const SEE_SERVER = "see the log of the model's server, or of the gateway in front of it";

/** Whether a word from the server may be logged: a server can put a visitor's words into any field. */
export function isName(value: unknown): value is string {
  return typeof value === "string" && /^\w{1,40}$/.test(value);
}

/** White space and invisible characters only. */
const NOTHING_TO_SEE = /^[\s\p{Cc}\p{Cf}\p{Z}\u115f\u1160\u2800\u3164\uffa0]*$/u;

/** Whether the text has at least one character that a visitor can see. */
export function hasWords(text: string): boolean {
  return !NOTHING_TO_SEE.test(text);
}

/** The error for an answer without a word. It is a failure of the model, whatever the finish reason is. */
export function emptyAnswer(finishReason: ModelFinishReason): ModelError {
  const { says, mend } = EMPTY[finishReason];
  return new ModelError("model_error", `${says}: ${mend}`, undefined, { says, mend });
}

const EMPTY: Readonly<Record<ModelFinishReason, { says: string; mend: string }>> = {
  stop: { says: "the model answered without a word", mend: SEE_SERVER },
  length: {
    says: "the model reached its output limit before its first word",
    mend: "raise MAX_OUTPUT_TOKENS, or have the model think less",
  },
  content_filter: {
    says: "the filter of the model's provider let no word through",
    mend: "look at SYSTEM_PROMPT, and at the filter's settings",
  },
};
