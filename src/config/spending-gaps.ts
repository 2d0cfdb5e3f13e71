import { estimateTokens } from "../conversation/token-estimate.ts";
import type { Config } from "./config.ts";
import { pricesInForce } from "./spending.ts";

/** The setting of a budget that has no room for a single answer. Undefined: all have, or there is none. */
export function tooSmallBudget(
  config: Pick<Config, "assistant" | "model" | "spending">,
): "BUDGET_PER_DAY" | "BUDGET_PER_MONTH" | undefined {
  const { unit, perDay, perMonth } = config.spending;
  const least = unit === "money" ? leastCost(config) : leastTokens(config);
  if (perDay !== undefined && perDay < least) return "BUDGET_PER_DAY";
  if (perMonth !== undefined && perMonth < least) return "BUDGET_PER_MONTH";
  return undefined;
}

/** What is set aside for the answer to a question without a word. */
function leastTokens({ assistant }: Pick<Config, "assistant">): number {
  return estimateTokens(assistant.systemPrompt) + assistant.maxOutputTokens;
}

function leastCost(config: Pick<Config, "assistant" | "model" | "spending">): number {
  const prices = pricesInForce(config);
  const { systemPrompt, maxOutputTokens } = config.assistant;
  if (prices === undefined) return 0;
  return estimateTokens(systemPrompt) * prices.input + maxOutputTokens * prices.output;
}
