import { formatMoney } from "../../config/money.ts";
import type { Message } from "../../conversation/records.ts";
import { formatDuration, formatNumber } from "../formats.ts";
import { type Html, html } from "../html.ts";

/** What is known of an answer, folded into one line. Undefined when nothing is. */
export function factsOf({ id, ...message }: Message, currency: string): Html | undefined {
  const facts = [...modelFacts(message), ...costFacts(message, currency), ...timeFacts(message)];
  if (facts.length === 0) return undefined;
  return html`<details class="facts" id="facts-${id}">
    <summary>Details</summary>
    <p>${facts.map((fact) => html`<span>${fact}</span> `)}</p>
  </details>`;
}

function modelFacts({ model, usage }: Pick<Message, "model" | "usage">): string[] {
  const facts: string[] = [];
  if (model !== undefined) facts.push(model);
  if (usage !== undefined) {
    facts.push(`${formatNumber(usage.promptTokens)} tokens read`);
    facts.push(`${formatNumber(usage.completionTokens)} written`);
  }
  return facts;
}

function costFacts({ cost }: Pick<Message, "cost">, currency: string): string[] {
  return cost === undefined ? [] : [formatMoney(cost, currency)];
}

function timeFacts({ firstTokenMs, durationMs }: Pick<Message, "firstTokenMs" | "durationMs">) {
  const facts: string[] = [];
  if (firstTokenMs !== undefined) facts.push(`first token after ${formatDuration(firstTokenMs)}`);
  if (durationMs !== undefined) facts.push(`${formatDuration(durationMs)} in all`);
  return facts;
}
