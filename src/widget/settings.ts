import { isLanguage, type Language } from "./language.ts";

/** What the attributes of the script tag say, with defaults for what they do not. */
export interface Settings {
  /** Where chatporch is, without a slash at the end; empty when that cannot be told. */
  readonly apiUrl: string;
  readonly apiKey: string;
  readonly title: string | undefined;
  readonly welcomeMessage: string | undefined;
  readonly inputPlaceholder: string | undefined;
  readonly position: "left" | "right";
  /** Any CSS colour; undefined: the widget's own. */
  readonly accentColor: string | undefined;
  readonly suggestions: readonly string[];
  readonly theme: "auto" | "light" | "dark";
  readonly language: Language;
  readonly isOpen: boolean;
  readonly zIndex: number;
  readonly problems: readonly SettingProblem[];
}

/** An attribute that cannot be used as it is, for the owner of the page. */
export interface SettingProblem {
  readonly name: string;
  readonly problem: string;
  /** True where the chat cannot work. */
  readonly isFatal: boolean;
}

/** Where the page and its visitor stand. */
export interface Surroundings {
  readonly scriptUrl: string;
  readonly pageUrl: string;
  /** Languages of the page and of the visitor, the most wanted first. */
  readonly languages: readonly string[];
}

const DEFAULT_Z_INDEX = 2_147_483_000;
const MAX_SUGGESTIONS = 6;
const MAX_TEXT_LENGTH = 500;
/** What comes after the server's address: the script's path, or the API's, as the original has it. */
const KNOWN_PATHS = /\/+(?:widget\/[^/]*|(?:v1\/)?chat(?:\/stream)?)?\/*$/;

/** Reads `data-*` attributes; whatever they hold, the result can be used. */
export function readSettings(
  data: Readonly<Record<string, string | undefined>>,
  { scriptUrl, pageUrl, languages }: Surroundings,
): Settings {
  const problems: SettingProblem[] = [];
  const text = (name: string) => data[name]?.trim().slice(0, MAX_TEXT_LENGTH) || undefined;

  /** The value if it is as it has to be, else the fallback, and the owner is told. */
  function read<T>(
    attribute: string,
    value: string | undefined,
    isRight: (value: string) => boolean,
    { fallback, expected, convert, isFatal = false }: Reading<T>,
  ): T {
    if (value !== undefined && isRight(value)) return convert(value);
    if (value !== undefined || isFatal) {
      problems.push({ name: `data-${attribute}`, problem: `expected ${expected}`, isFatal });
    }
    return fallback;
  }

  function choice<T extends string>(name: string, choices: readonly [T, ...T[]]): T {
    const chosen = (value: string) => choices.find((each) => each === value.toLowerCase());
    const [fallback] = choices;
    const expected = choices.join(" or ");
    const convert = (value: string) => chosen(value) ?? fallback;
    return read(name, text(name), (value) => chosen(value) !== undefined, {
      fallback,
      expected,
      convert,
    });
  }

  const language = read("lang", text("lang"), (tag) => isLanguage(primary(tag)), {
    fallback: undefined,
    expected: "a language that the widget speaks",
    convert: primary,
  });

  return {
    apiUrl: read("api-url", data.apiUrl?.trim() || scriptUrl, (url) => isWebUrl(url, pageUrl), {
      fallback: "",
      expected: "the address of the chatporch server",
      convert: (url) => baseOf(url, pageUrl),
      isFatal: true,
    }),
    apiKey: read("api-key", text("apiKey"), (key) => /^[\x21-\x7e]+$/.test(key), {
      fallback: "",
      expected: "one of the server's WIDGET_API_KEY",
      convert: String,
      isFatal: true,
    }),
    title: text("title"),
    welcomeMessage: text("welcomeMessage"),
    inputPlaceholder: text("inputPlaceholder"),
    position: choice("position", ["right", "left"]),
    accentColor: text("accentColor"),
    suggestions: readSuggestions(data.suggestions ?? ""),
    theme: choice("theme", ["auto", "light", "dark"]),
    language: [language ?? "", ...languages.map(primary)].find(isLanguage) ?? "en",
    isOpen: data.open !== undefined && !/^(?:false|0|no|off)$/i.test(data.open.trim()),
    zIndex: read(
      "z-index",
      text("zIndex"),
      (value) => /^-?\d{1,9}$|^1\d{9}$|^20\d{8}$/.test(value),
      {
        fallback: DEFAULT_Z_INDEX,
        expected: "a whole number",
        convert: Number,
      },
    ),
    problems,
  };
}

interface Reading<T> {
  readonly fallback: T;
  readonly expected: string;
  readonly convert: (value: string) => T;
  readonly isFatal?: boolean;
}

function isWebUrl(url: string, pageUrl: string): boolean {
  return URL.canParse(url, pageUrl) && /^https?:$/.test(new URL(url, pageUrl).protocol);
}

function baseOf(url: string, pageUrl: string): string {
  const { origin, pathname } = new URL(url, pageUrl);
  return origin + pathname.replace(KNOWN_PATHS, "");
}

/** `Prices | Opening hours`. */
function readSuggestions(text: string): string[] {
  const parts = text.split("|").map((part) => part.trim().slice(0, MAX_TEXT_LENGTH));
  return parts.filter(Boolean).slice(0, MAX_SUGGESTIONS);
}

function primary(tag: string): string {
  return tag.toLowerCase().replace(/[-_].*/, "");
}
