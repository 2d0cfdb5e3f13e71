/** What a model takes for tokens. The price of a million tokens in a currency is that of one token in millionths of it. */
export interface ModelPrices {
  /** Millionths of the currency for a token of the prompt. */
  readonly input: number;
  /** The same for a token of the answer. */
  readonly output: number;
}

/** All prices of the list are in US dollars. */
export const PRICES_CURRENCY = "USD";
/**
 * When the list was made of what the providers published. It has what a question to a chat costs at most: where a provider
 * takes less at some hours, for a while or for prompts that it has kept, that is left out. Prompts of more than 100,000 tokens
 * may cost more.
 */
export const PRICES_AS_OF = "November 2026";

/** Prices for a million tokens of prompts and of answers, by the model's name. */
const LIST: Readonly<Record<string, readonly [input: number, output: number]>> = {
  // https://developers.openai.com/api/docs/pricing
  "gpt-6-luna": [0.1, 0.5],
  "gpt-6-sol": [2, 10],
  "gpt-6.1-sol": [2, 10],
  "gpt-6-astra": [10, 50],
  "gpt-5.6": [4, 20],
  "gpt-5.6-luna": [0.2, 1.2],
  "gpt-5.6-terra": [2, 12],
  "gpt-5.6-sol": [4, 20],
  "gpt-5.5": [5, 30],
  "gpt-5.4": [2.5, 15],
  "gpt-5.4-mini": [0.75, 4.5],
  "gpt-5.4-nano": [0.2, 1.25],
  "gpt-5.2": [1.75, 14],
  "gpt-5.1": [1.25, 10],
  "gpt-5": [1.25, 10],
  "gpt-5-mini": [0.25, 2],
  "gpt-5-nano": [0.05, 0.4],
  "gpt-4.1": [2, 8],
  "gpt-4.1-mini": [0.4, 1.6],
  "gpt-4.1-nano": [0.1, 0.4],
  "gpt-4o": [2.5, 10],
  "gpt-4o-mini": [0.15, 0.6],
  "text-embedding-3-small": [0.02, 0],
  "text-embedding-3-large": [0.13, 0],
  // https://platform.claude.com/docs/en/about-claude/pricing
  "claude-fable-5.1": [10, 50],
  "claude-fable-5": [10, 50],
  "claude-opus-5.5": [4, 20],
  "claude-opus-5": [5, 25],
  "claude-opus-4.8": [5, 25],
  "claude-opus-4.7": [5, 25],
  "claude-opus-4.6": [5, 25],
  "claude-opus-4.5": [5, 25],
  "claude-opus-4.1": [15, 75],
  "claude-opus-4": [15, 75],
  "claude-sonnet-5.5": [2, 10],
  "claude-sonnet-5": [2, 10],
  "claude-sonnet-4.6": [3, 15],
  "claude-sonnet-4.5": [3, 15],
  "claude-sonnet-4": [3, 15],
  "claude-haiku-5.5": [0.1, 0.5],
  "claude-haiku-4.5": [1, 5],
  // https://ai.google.dev/gemini-api/docs/pricing: of Gemini 3.8 Flash, those from January 2027 on.
  "gemini-3.8-flash": [1.5, 7.5],
  "gemini-3.5-flash": [1.5, 9],
  "gemini-3.5-flash-lite": [0.3, 2.5],
  "gemini-3.1-pro-preview": [2, 12],
  "gemini-3.1-flash-lite": [0.25, 1.5],
  "gemini-2.5-pro": [1.25, 10],
  "gemini-2.5-flash": [0.3, 2.5],
  "gemini-2.5-flash-lite": [0.1, 0.4],
  "gemini-embedding-2": [0.2, 0],
  // https://docs.mistral.ai/models
  "mistral-medium-3.5": [1.5, 7.5],
  // https://api-docs.deepseek.com/quick_start/pricing, at peak hours
  "deepseek-flash": [0.3, 1.2],
  "deepseek-v4-flash": [0.3, 1.2],
  "deepseek-v4-pro": [1.32, 3.96],
  // https://docs.x.ai/docs/models
  "grok-4.7": [2, 6],
  "grok-4.6": [2, 6],
  "grok-4.5": [2, 6],
  "grok-4.3": [1.25, 2.5],
  // https://console.groq.com/docs/models
  "llama-3.3-70b-versatile": [0.59, 0.79],
  "llama-3.1-8b-instant": [0.05, 0.08],
};

/** Some providers write 5-5 for 5.5. */
const plain = (name: string) => name.toLowerCase().replaceAll(".", "-");

const KNOWN = new Map(Object.entries(LIST).map(([name, prices]) => [plain(name), prices]));

/** The date or the number of a version, such as -2026-09-22, -20251001 and -001. Any other name is another model. */
const VERSION = /-(?:\d{4}-\d{2}-\d{2}|\d{8}|\d{3,4})$/;

/** The list's prices of a model, in US dollars. Undefined: the list does not have it. */
export function knownPrices(model: string): ModelPrices | undefined {
  const name = plain(model.slice(model.lastIndexOf("/") + 1));
  const found = KNOWN.get(name) ?? KNOWN.get(name.replace(VERSION, ""));
  return found && { input: found[0], output: found[1] };
}
