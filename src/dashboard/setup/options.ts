import { LANGUAGES } from "../../widget/language.ts";

/** The options of the widget that the setup page has. Server and browser judge them in the same way. */
export interface WidgetFields {
  readonly title: string;
  readonly subtitle: string;
  readonly welcome: string;
  readonly suggestions: string;
  readonly placeholder: string;
  readonly notice: string;
  readonly privacyUrl: string;
  readonly accent: string;
  readonly theme: string;
  readonly lang: string;
  readonly position: string;
  readonly open: string;
  readonly zIndex: string;
}

export type FieldName = keyof WidgetFields;

export type WidgetProblems = { readonly [Name in FieldName]?: string };

export type Attributes = readonly (readonly [name: string, value: string])[];

export const POSITIONS = ["", "right", "left"];
export const THEMES = ["", "light", "dark"];
export const LANGUAGE_CHOICES = ["", ...LANGUAGES];
const MAX_TEXT_LENGTH = 300;
const COLOUR = /^#(?:[0-9a-f]{3}|[0-9a-f]{6})$/i;

/** Says what is wrong with a value that is not empty. */
type Judge = (text: string) => string | undefined;

/** Each option with its attribute and what may be in it. Empty means the widget's default. */
const OPTIONS: { readonly [Name in FieldName]: readonly [attribute: string, judge: Judge] } = {
  title: ["data-title", tooLong],
  subtitle: ["data-subtitle", tooLong],
  welcome: ["data-welcome-message", tooLong],
  suggestions: ["data-suggestions", tooLong],
  placeholder: ["data-input-placeholder", tooLong],
  notice: ["data-notice", tooLong],
  privacyUrl: ["data-privacy-url", notAnAddress],
  accent: ["data-accent-color", notAColour],
  theme: ["data-theme", notOneOf(THEMES)],
  lang: ["data-lang", notOneOf(LANGUAGE_CHOICES)],
  position: ["data-position", notOneOf(POSITIONS)],
  open: ["data-open", notOneOf(["true"])],
  zIndex: ["data-z-index", notANumber],
};

export const FIELD_NAMES: readonly FieldName[] = [
  "title",
  "subtitle",
  "welcome",
  "suggestions",
  "placeholder",
  "notice",
  "privacyUrl",
  "accent",
  "theme",
  "lang",
  "position",
  "open",
  "zIndex",
];

/** Reads the options from an address or a form. */
export function readOptions(query: URLSearchParams): {
  readonly fields: WidgetFields;
  readonly problems: WidgetProblems;
} {
  const read = (name: FieldName) => query.get(name)?.trim() ?? "";
  const fields: WidgetFields = {
    title: read("title"),
    subtitle: read("subtitle"),
    welcome: read("welcome"),
    suggestions: read("suggestions"),
    placeholder: read("placeholder"),
    notice: read("notice"),
    privacyUrl: read("privacyUrl"),
    accent: read("accent"),
    // The name of the default.
    theme: read("theme") === "auto" ? "" : read("theme"),
    lang: read("lang"),
    position: read("position"),
    open: read("open"),
    zIndex: read("zIndex"),
  };
  const problems: Partial<Record<FieldName, string>> = {};
  for (const name of FIELD_NAMES) {
    const problem = fields[name] === "" ? undefined : OPTIONS[name][1](fields[name]);
    if (problem !== undefined) problems[name] = problem;
  }
  return { fields, problems };
}

/** The attributes of the tag for the options that are set and right. */
export function attributesOf(fields: WidgetFields, problems: WidgetProblems): Attributes {
  return FIELD_NAMES.flatMap((name) => {
    const isUsed = fields[name] !== "" && problems[name] === undefined;
    return isUsed ? [[OPTIONS[name][0], fields[name]] as const] : [];
  });
}

function tooLong(text: string): string | undefined {
  return text.length > MAX_TEXT_LENGTH ? `Longer than ${MAX_TEXT_LENGTH} characters.` : undefined;
}

function notAnAddress(text: string): string | undefined {
  const isAddress = /^https:\/\/[^/[]/i.test(text) && URL.canParse(text);
  return isAddress ? tooLong(text) : "It begins with https://, such as https://example.com/privacy";
}

function notAColour(text: string): string | undefined {
  return COLOUR.test(text) ? undefined : "Not a colour. For example: #0f766e";
}

function notANumber(text: string): string | undefined {
  return /^-?\d{1,10}$/.test(text) ? undefined : "A whole number, such as 1000";
}

function notOneOf(options: readonly string[]): Judge {
  return (text) => (options.includes(text) ? undefined : "Choose one from the list.");
}

/** The attribute of the element <chat-porch> for one of the tag. Undefined: it is about the button in the corner. */
export function elementAttribute(name: string): string | undefined {
  if (/^data-(?:position|open|z-index)$/.test(name)) return undefined;
  return name === "data-title" ? "heading" : name.replace("data-", "");
}
