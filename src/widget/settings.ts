import { isLanguage, type Language } from "./language.ts";

/** What the attributes of the script tag say, with defaults for what they do not. */
export interface Settings {
  /** Where chatporch is, without a slash at the end; undefined when that cannot be told. */
  readonly apiUrl: string | undefined;
  readonly apiKey: string | undefined;
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
  readonly scriptUrl: string | undefined;
  readonly pageUrl: string;
  /** Languages of the page and of the visitor, the most wanted first. */
  readonly languages: readonly string[];
}

const DEFAULT_Z_INDEX = 2_147_483_000;
const MAX_Z_INDEX = 2_147_483_647;
const MAX_SUGGESTIONS = 6;
const MAX_TEXT_LENGTH = 500;
/** The paths of the API, as the original's data-api-url has them. */
const API_PATHS = /\/+(?:v1\/)?chat(?:\/stream)?\/*$/;
const WIDGET_PATH = /\/widget\/[^/]*$/;

/** Reads `data-*` attributes; whatever they hold, the result can be used. */
export function readSettings(
  data: Readonly<Record<string, string | undefined>>,
  { scriptUrl, pageUrl, languages }: Surroundings,
): { settings: Settings; problems: readonly SettingProblem[] } {
  const problems: SettingProblem[] = [];
  const text = (name: string) => data[name]?.trim().slice(0, MAX_TEXT_LENGTH) || undefined;

  function refuse(name: string, problem: string, isFatal = false): undefined {
    const attribute = name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    problems.push({ name: `data-${attribute}`, problem, isFatal });
  }

  function choice<T extends string>(name: string, choices: readonly T[], fallback: T): T {
    const value = text(name)?.toLowerCase();
    const chosen = choices.find((each) => each === value);
    if (value !== undefined && !chosen) refuse(name, `has to be one of: ${choices.join(", ")}.`);
    return chosen ?? fallback;
  }

  function readApiUrl(): string | undefined {
    const given = data.apiUrl?.trim();
    const url = given ? baseOf(given, pageUrl, API_PATHS) : baseOf(scriptUrl, pageUrl, WIDGET_PATH);
    return url ?? refuse("apiUrl", "has to be the address of the chatporch server.", true);
  }

  function readApiKey(): string | undefined {
    const key = data.apiKey?.trim();
    if (!key)
      return refuse("apiKey", "is missing: it is one of the server's WIDGET_API_KEY.", true);
    if (/^[\x21-\x7e]{1,512}$/.test(key)) return key;
    return refuse("apiKey", "has characters that no key has.", true);
  }

  function readLanguage(): Language {
    const given = text("lang");
    if (given && !isLanguage(primary(given)))
      refuse("lang", "is a language without a translation.");
    return [given ?? "", ...languages].map(primary).find(isLanguage) ?? "en";
  }

  function readZIndex(): number {
    const value = Number(text("zIndex") ?? DEFAULT_Z_INDEX);
    if (Number.isInteger(value) && Math.abs(value) <= MAX_Z_INDEX) return value;
    refuse("zIndex", "has to be a whole number.");
    return DEFAULT_Z_INDEX;
  }

  const settings: Settings = {
    apiUrl: readApiUrl(),
    apiKey: readApiKey(),
    title: text("title"),
    welcomeMessage: text("welcomeMessage"),
    inputPlaceholder: text("inputPlaceholder"),
    position: choice("position", ["right", "left"], "right"),
    accentColor: text("accentColor"),
    suggestions: readSuggestions(data.suggestions ?? ""),
    theme: choice("theme", ["auto", "light", "dark"], "auto"),
    language: readLanguage(),
    isOpen: data.open !== undefined && !/^(?:false|0|no|off)$/i.test(data.open.trim()),
    zIndex: readZIndex(),
  };
  return { settings, problems };
}

/** The address without what the pattern finds at the end of its path. */
function baseOf(url: string | undefined, pageUrl: string, end: RegExp): string | undefined {
  if (url === undefined || !URL.canParse(url, pageUrl)) return undefined;
  const { protocol, origin, pathname } = new URL(url, pageUrl);
  if (!/^https?:$/.test(protocol)) return undefined;
  return origin + pathname.replace(end, "").replace(/\/+$/, "");
}

/** `Prices | Opening hours`, or a JSON list. */
function readSuggestions(text: string): string[] {
  let parts: unknown[] = text.split("|");
  try {
    const list: unknown = JSON.parse(text);
    if (Array.isArray(list)) parts = list;
  } catch {
    // Then it is not JSON.
  }
  return parts
    .filter((part) => typeof part === "string")
    .map((part) => part.trim().slice(0, MAX_TEXT_LENGTH))
    .filter(Boolean)
    .slice(0, MAX_SUGGESTIONS);
}

function primary(tag: string): string {
  return tag.toLowerCase().split(/[-_]/)[0] ?? "";
}
