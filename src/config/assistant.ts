import type { SettingGroup } from "./setting-group.ts";
import type { SettingReader } from "./setting-reader.ts";

/** What is sent to the model with a question, and how long its answer may be. */
export interface AssistantSettings {
  readonly systemPrompt: string;
  readonly maxHistoryMessages: number;
  /** The limit for all messages of the history together, including the question. Tokens are estimated. */
  readonly maxHistoryTokens: number;
  readonly maxOutputTokens: number;
}

export const DEFAULT_SYSTEM_PROMPT =
  "You are a concise and helpful support assistant on a website. Answer in the visitor's language. " +
  "When you do not know something, say so instead of guessing.";
/** Fifteen exchanges: enough for a support conversation, small enough to bound the cost of a turn. */
const DEFAULT_MAX_HISTORY_MESSAGES = 30;
/** Fifteen long exchanges. Together with prompt and answer, they fit into a context of 16,000 tokens. */
const DEFAULT_MAX_HISTORY_TOKENS = 8000;
const DEFAULT_MAX_OUTPUT_TOKENS = 1024;

const EXAMPLE_PROMPT_FILE = "/etc/chatporch/system-prompt.txt";

export const ASSISTANT: SettingGroup<AssistantSettings> = {
  read: readAssistantSettings,
  shown: {
    SYSTEM_PROMPT: ({ systemPrompt }) => systemPrompt,
    MAX_HISTORY_MESSAGES: ({ maxHistoryMessages }) => String(maxHistoryMessages),
    MAX_HISTORY_TOKENS: ({ maxHistoryTokens }) => String(maxHistoryTokens),
    MAX_OUTPUT_TOKENS: ({ maxOutputTokens }) => String(maxOutputTokens),
  },
  files: ["SYSTEM_PROMPT"],
  editable: ["SYSTEM_PROMPT", "MAX_HISTORY_MESSAGES", "MAX_HISTORY_TOKENS", "MAX_OUTPUT_TOKENS"],
};

function readAssistantSettings(reader: SettingReader): AssistantSettings {
  return {
    systemPrompt: reader.textOrFile("SYSTEM_PROMPT", EXAMPLE_PROMPT_FILE) ?? DEFAULT_SYSTEM_PROMPT,
    maxHistoryMessages: reader.integer("MAX_HISTORY_MESSAGES", {
      fallback: DEFAULT_MAX_HISTORY_MESSAGES,
      min: 1,
      max: 1000,
    }),
    maxHistoryTokens: reader.integer("MAX_HISTORY_TOKENS", {
      fallback: DEFAULT_MAX_HISTORY_TOKENS,
      min: 1,
      max: 10_000_000,
    }),
    maxOutputTokens: reader.integer("MAX_OUTPUT_TOKENS", {
      fallback: DEFAULT_MAX_OUTPUT_TOKENS,
      min: 1,
      max: 1_000_000,
    }),
  };
}
