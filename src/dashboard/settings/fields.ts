/** A setting in a form. */
export interface Field {
  /** The name of the setting. */
  readonly name: string;
  readonly label: string;
  readonly hint?: string;
  readonly kind: "line" | "number" | "lines" | "secret" | "secret-lines" | "choice";
  /** The values to choose from, with their words. */
  readonly choices?: readonly (readonly [value: string, words: string])[];
  /** The id of a list of suggestions in the page. */
  readonly suggestions?: string;
}

export const MODEL_FIELDS: readonly Field[] = [
  {
    name: "OPENAI_BASE_URL",
    label: "Address",
    hint: "Of any server that speaks OpenAI's API. It usually ends with /v1.",
    kind: "line",
  },
  {
    name: "OPENAI_API_KEY",
    label: "Key",
    hint: "Servers of your own often need none.",
    kind: "secret",
  },
  {
    name: "OPENAI_MODEL",
    label: "Model",
    hint: "Its name, as the server lists it.",
    kind: "line",
    suggestions: "models",
  },
  {
    name: "OPENAI_REASONING_EFFORT",
    label: "Reasoning effort",
    hint: "How long a model that thinks may think. Visitors wait for it.",
    kind: "choice",
    choices: [
      ["", "chosen by chatporch"],
      ["default", "the model's own"],
      ["none", "none"],
      ["minimal", "minimal"],
      ["low", "low"],
      ["medium", "medium"],
      ["high", "high"],
      ["xhigh", "very high"],
      ["max", "the most"],
    ],
  },
  {
    name: "OPENAI_HEADERS",
    label: "More headers",
    hint: "Sent with every request, one per line, such as X-Title: Example. Few servers need any.",
    kind: "secret-lines",
  },
];

export const ANSWER_FIELDS: readonly Field[] = [
  {
    name: "MAX_OUTPUT_TOKENS",
    label: "Longest answer, in tokens",
    hint: "A token is about four letters. Longer answers are cut.",
    kind: "number",
  },
  {
    name: "MAX_HISTORY_MESSAGES",
    label: "Messages of a conversation that the model reads",
    hint: "Questions and answers together, the newest.",
    kind: "number",
  },
  {
    name: "MAX_HISTORY_TOKENS",
    label: "Tokens of a conversation that the model reads",
    hint: "The limit for all of these messages together.",
    kind: "number",
  },
];

export const INSTRUCTION_FIELDS: readonly Field[] = [
  {
    name: "SYSTEM_PROMPT",
    label: "What the model should know and how it should answer",
    kind: "lines",
  },
];

export const KNOWLEDGE_FIELDS: readonly Field[] = [
  {
    name: "KNOWLEDGE_MODE",
    label: "Where your pages do not hold the answer",
    kind: "choice",
    choices: [
      ["", "the model says what it knows itself"],
      ["strict", "it says that it does not know"],
      ["off", "your pages are not used at all"],
    ],
  },
  {
    name: "KNOWLEDGE_WORDS",
    label: "Words of your pages that the model reads with a question",
    hint: "1400 hold nearly every answer. A small model on a processor is quicker with 600.",
    kind: "number",
  },
  {
    name: "KNOWLEDGE_REFRESH_HOURS",
    label: "Hours between two readings of a website",
    kind: "number",
  },
];

export const EMBEDDING_FIELDS: readonly Field[] = [
  {
    name: "EMBEDDING_MODEL",
    label: "Model for embeddings",
    hint: "Its name, as its server lists it. Take one that knows your visitors’ languages. Empty: none.",
    kind: "line",
  },
  {
    name: "EMBEDDING_BASE_URL",
    label: "Address",
    hint: "Empty: the server of the model that answers, with its key. With a key below, OpenAI.",
    kind: "line",
  },
  {
    name: "EMBEDDING_API_KEY",
    label: "Key",
    hint: "For this address only. The key of the model that answers is not sent to it.",
    kind: "secret",
  },
  {
    name: "EMBEDDING_DIMENSIONS",
    label: "Numbers of a vector",
    hint: "For models that can shorten theirs. Empty: as many as the model makes.",
    kind: "number",
  },
];

export const LIMIT_FIELDS: readonly Field[] = [
  {
    name: "RATE_LIMIT_MAX_REQUESTS",
    label: "Requests of one address",
    hint: "A question is one or two of them.",
    kind: "number",
  },
  {
    name: "RATE_LIMIT_WINDOW_MS",
    label: "Within",
    kind: "choice",
    choices: [
      ["10000", "ten seconds"],
      ["", "a minute"],
      ["600000", "ten minutes"],
      ["3600000", "an hour"],
      ["86400000", "a day"],
    ],
  },
  {
    name: "MAX_STREAMS_PER_ADDRESS",
    label: "Answers read at once",
    hint: "Everybody in an office may have the same address.",
    kind: "number",
  },
];

export const RETENTION_FIELDS: readonly Field[] = [
  {
    name: "RETENTION_DAYS",
    label: "Days to keep a conversation",
    hint: "After its last message. Empty: conversations are kept until you delete them.",
    kind: "number",
  },
];

export const WIDGET_FIELDS: readonly Field[] = [
  { name: "WIDGET_TITLE", label: "Title", kind: "line" },
  {
    name: "WIDGET_SUBTITLE",
    label: "Line below the title",
    hint: "Such as: We answer at once.",
    kind: "line",
  },
  {
    name: "WIDGET_GREETING",
    label: "Greeting",
    hint: "What an empty conversation begins with.",
    kind: "lines",
  },
  {
    name: "WIDGET_SUGGESTIONS",
    label: "Suggested questions",
    hint: "With a bar between two: Prices | Opening hours",
    kind: "line",
  },
  {
    name: "WIDGET_NOTICE",
    label: "Line that says that an AI answers",
    hint: "Empty: the widget says it in the visitor’s language. The word off removes it; then your page has to say it.",
    kind: "line",
  },
  {
    name: "WIDGET_PRIVACY_URL",
    label: "Address of your page on privacy",
    hint: "Linked in that line. It begins with https://.",
    kind: "line",
  },
  { name: "WIDGET_COLOR", label: "Colour", hint: "Such as #0f766e.", kind: "line" },
  {
    name: "WIDGET_LOGO",
    label: "Address of your logo",
    hint: "An image of your website, beside the title. A wide one may be three times as wide as high. It begins with https://.",
    kind: "line",
  },
];
