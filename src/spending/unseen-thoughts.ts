import { isOpenAi, type ModelSettings } from "../config/model.ts";
import { type ModelCall, MOST_THOUGHTS, reportedOutput } from "./charge.ts";

/** Of OpenAI's models, those that do not think before they answer. All others think, and send none of it. */
const NEVER_THINKS = /^(?:ft:)?(?:chat)?gpt-[34]/;
/** What a server may count besides the text, such as the token that ends it. */
const TOKENS_AROUND_ANSWER = 16;

/**
 * Whether the model that answers may think without sending its thoughts. What they cost is in the report at the end of an
 * answer, and so nobody sees it where that was stopped.
 */
export class UnseenThoughts {
  /** The model that has reported more tokens than its text can have. */
  #seenOf: string | undefined;

  /** Call it once for each call that has ended. */
  mayBeIn(call: ModelCall, model: ModelSettings): boolean {
    if (model.kind !== "openai") return false;
    const name = `${model.baseUrl} ${model.name}`;
    if (isLongerThanText(call)) this.#seenOf = name;
    return this.#seenOf === name || isThinking(model);
  }
}

function isThinking({
  name,
  baseUrl,
  reasoningEffort = "none",
}: ModelSettings & { kind: "openai" }) {
  return reasoningEffort !== "none" || (isOpenAi(baseUrl) && !NEVER_THINKS.test(name));
}

/** A report of more than any model thinks is nonsense, and says nothing. */
function isLongerThanText({ generated, usage }: ModelCall): boolean {
  const reported = reportedOutput(usage) ?? 0;
  return reported > generated.bytes + TOKENS_AROUND_ANSWER && reported <= MOST_THOUGHTS;
}
