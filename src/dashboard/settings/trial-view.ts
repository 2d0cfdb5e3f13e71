import type { Trial } from "../../turns/model-trial.ts";
import { type Html, html } from "../html.ts";

/** What the settings are called on this page. Trials name them as the environment does. */
const WORDS: readonly (readonly [RegExp, string])[] = [
  [/\bOPENAI_BASE_URL\b/g, "the address"],
  [/\bOPENAI_API_KEY\b/g, "the key"],
  [/\bOPENAI_MODEL\b/g, "the model’s name"],
  [/\bMAX_OUTPUT_TOKENS\b/g, "the limit for the longest answer"],
  [/\bMAX_HISTORY_TOKENS\b/g, "the limit of the history in tokens"],
  [/\bSYSTEM_PROMPT\b/g, "the instructions"],
];

const TONES: Readonly<Record<Trial["mark"], string>> = {
  ok: "good",
  warning: "warn",
  wrong: "bad",
};

/** What a trial of the model has shown. */
export function trialView({ mark, says, mend }: Trial): Html {
  return html`<div class="notice ${TONES[mark]}" role="${mark === "ok" ? "status" : "alert"}">
    <p><strong>${asSentence(says)}</strong></p>
    ${mend !== undefined && mend.split("\n").map((line) => html`<p>${capitalised(inWords(line))}</p>`)}
  </div>`;
}

/** The same in one text. */
export function trialText({ says, mend }: Trial): string {
  const rest = mend === undefined ? "" : ` ${capitalised(inWords(mend))}`;
  return `${asSentence(says)}${rest}`;
}

function asSentence(says: string): string {
  const words = capitalised(inWords(says));
  return /[.!?…]”$/.test(words) ? words : `${words}.`;
}

function inWords(text: string): string {
  return WORDS.reduce((said, [name, words]) => said.replaceAll(name, words), text);
}

function capitalised(text: string): string {
  // A model's name is written as it is.
  return /^[a-z]+ /.test(text) ? text.charAt(0).toUpperCase() + text.slice(1) : text;
}
