import { OWN } from "./widget-attributes.ts";

/** A setting in a form. */
export interface Field {
  /** The name of the setting. */
  readonly name: string;
  readonly label: string;
  readonly hint?: string;
  readonly kind:
    "line" | "number" | "decimal" | "lines" | "secret" | "secret-lines" | "choice" | "set";
  /** The values to choose from, with their words. Of a `set`, any of them. */
  readonly choices?: readonly (readonly [value: string, words: string])[];
  /** What is stored of a `set` of which nothing is ticked. By default the word none. */
  readonly whenNone?: string;
  /** The id of a list of suggestions in the page. */
  readonly suggestions?: string;
  /** What is shown in its place while nothing is stored, for settings that have no default of their own. */
  readonly whenEmpty?: string;
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
    label: "API key",
    hint: "Self-hosted servers often need none.",
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
    hint: "How long a reasoning model may think before it answers. Visitors wait meanwhile.",
    kind: "choice",
    choices: [
      ["", "chosen by chatporch"],
      ["default", "the model’s default"],
      ["none", "none"],
      ["minimal", "minimal"],
      ["low", "low"],
      ["medium", "medium"],
      ["high", "high"],
      ["xhigh", "very high"],
      ["max", "maximum"],
    ],
  },
  {
    name: "OPENAI_HEADERS",
    label: "Extra headers",
    hint: "Sent with every request, one per line, such as X-Title: Example. Few servers need any.",
    kind: "secret-lines",
  },
];

export const ANSWER_FIELDS: readonly Field[] = [
  {
    name: "MAX_OUTPUT_TOKENS",
    label: "Longest answer, in tokens",
    hint: "A token is about four letters. Longer answers are cut off.",
    kind: "number",
  },
  {
    name: "MAX_HISTORY_MESSAGES",
    label: "History, in messages",
    hint: "How many of the newest questions and answers the model reads.",
    kind: "number",
  },
  {
    name: "MAX_HISTORY_TOKENS",
    label: "History, in tokens",
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
    label: "When your pages do not have the answer",
    kind: "choice",
    choices: [
      ["", "the model may say what it knows"],
      ["strict", "the model says that it does not know"],
      ["off", "your pages are never used"],
    ],
  },
  {
    name: "KNOWLEDGE_WORDS",
    label: "Words from your pages that go with each question",
    hint: "1400 cover nearly every answer. A small model without a GPU is faster with 600.",
    kind: "number",
  },
  {
    name: "KNOWLEDGE_REFRESH_HOURS",
    label: "Hours until a website is read again",
    kind: "number",
  },
];

export const EMBEDDING_FIELDS: readonly Field[] = [
  {
    name: "EMBEDDING_MODEL",
    label: "Embedding model",
    hint: "Its name, as its server lists it. Pick one that knows your visitors’ languages. Empty: none.",
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
    label: "Vector dimensions",
    hint: "For models that can shorten their vectors. Empty: the model’s own.",
    kind: "number",
  },
];

export const LIMIT_FIELDS: readonly Field[] = [
  {
    name: "RATE_LIMIT_MAX_REQUESTS",
    label: "Requests per address",
    hint: "A question counts as one or two.",
    kind: "number",
  },
  {
    name: "RATE_LIMIT_WINDOW_MS",
    label: "Time window",
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
    label: "Answers at once per address",
    hint: "A whole office may share one address.",
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

export const REDACTION_FIELDS: readonly Field[] = [
  {
    name: "REDACT",
    label: "Replaced by dots",
    kind: "set",
    choices: [
      ["cards", "Card numbers"],
      ["ibans", "IBANs"],
      ["emails", "E-mail addresses"],
      ["phones", "Phone numbers"],
    ],
    // Empty: its default, which is off.
    whenNone: "",
  },
  {
    name: "REDACT_BEFORE",
    label: "The model",
    kind: "choice",
    choices: [
      ["", "reads the dots, too"],
      ["storage", "reads what was written"],
    ],
  },
];

export const CALENDAR_FIELDS: readonly Field[] = [
  {
    name: "TIME_ZONE",
    label: "Time zone",
    hint: "By which a day begins, such as Europe/Berlin. Empty: UTC. Days that were counted before stay as they are.",
    kind: "line",
  },
];

export const RATING_FIELDS: readonly Field[] = [
  {
    name: "RATINGS",
    label: "Ratings",
    hint: "Below each answer, visitors say whether it was good, and why it was not.",
    kind: "choice",
    choices: [
      ["", "on"],
      ["off", "off"],
    ],
  },
];

export const PERSON_FIELDS: readonly Field[] = [
  {
    name: "PERSON",
    label: "Visitors can ask for a person",
    hint: "They leave an e-mail address or a phone number and a note, which you find at the conversation.",
    kind: "choice",
    choices: [
      ["always", "always"],
      ["poor", "after a poor answer"],
      ["", "never"],
    ],
  },
  {
    name: "HOURS",
    label: "When somebody is there",
    hint: "Days, times and your time zone, such as: Mo-Fr 09:00-17:00; We off Europe/Berlin. Empty: nothing is promised.",
    kind: "line",
  },
  {
    name: "PERSON_CONSENT",
    label: "Sentence of consent",
    hint: "What a visitor agrees to who leaves an address. Empty: the widget’s own, in his language.",
    kind: "lines",
  },
  {
    name: "PERSON_NAME",
    label: "Your name in the chat",
    hint: "Under which you write to visitors.",
    kind: "line",
  },
];

export const WIDGET_FIELDS: readonly Field[] = [
  { name: "WIDGET_TITLE", label: "Title", kind: "line", whenEmpty: OWN.title },
  {
    name: "WIDGET_SUBTITLE",
    label: "Line below the title",
    hint: "Such as: We answer at once.",
    kind: "line",
    whenEmpty: OWN.subtitle,
  },
  {
    name: "WIDGET_GREETING",
    label: "Greeting",
    hint: "What an empty conversation begins with.",
    kind: "lines",
    whenEmpty: OWN.greeting,
  },
  {
    name: "WIDGET_SUGGESTIONS",
    label: "Suggested questions",
    hint: "Separated by |, such as Prices | Opening hours",
    kind: "line",
  },
  {
    name: "WIDGET_NOTICE",
    label: "AI notice",
    hint: "Says that an AI answers. Empty: in the visitor’s language. The word off removes it; then your page has to say so.",
    kind: "line",
    whenEmpty: OWN.notice,
  },
  {
    name: "WIDGET_PRIVACY_URL",
    label: "Address of your privacy page",
    hint: "Linked in that line. It begins with https://.",
    kind: "line",
  },
  {
    name: "WIDGET_COLOR",
    label: "Colour",
    hint: "Such as #0f766e.",
    kind: "line",
    whenEmpty: OWN.color,
  },
  {
    name: "WIDGET_LOGO",
    label: "Address of your logo",
    hint: "An image beside the title, at most three times as wide as it is high. It begins with https://.",
    kind: "line",
  },
];
