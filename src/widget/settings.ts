import { type Language, languageOf } from "./language.ts";

/** The `data-*` attributes of the script tag, by their names in `dataset`. */
export type Attributes = Readonly<Record<string, string | undefined>>;

/**
 * What the attributes say of the server, and to loader, panel and element alike. A wrong value counts as a missing one:
 * panel/panel-settings.ts says which ones are wrong.
 */
export interface Settings {
  /** The server's address, without a slash at the end; empty when it is not known. */
  readonly apiUrl: string;
  readonly apiKey: string;
  readonly title: string | undefined;
  /** Any text, which may be a CSS colour; undefined: the widget's own. */
  readonly accentColor: string | undefined;
  readonly language: Language;
  /** The attribute of the server or the key, when it is missing or wrong: the chat cannot work without it. */
  readonly fatal: string | undefined;
}

/** What may follow the server's address: the script's path or the API's, as in the original project. */
const KNOWN_PATHS = /\/+(?:widget\/[^/]*|(?:v1\/)?chat(?:\/stream)?)?\/*$/;

/**
 * Reads the attributes. The result is usable whatever they contain.
 * @param languages of the page and of the visitor, in order of preference
 */
export function readSettings(
  data: Attributes,
  scriptUrl: string,
  pageUrl: string,
  languages: readonly string[],
): Settings {
  const text = textsOf(data);
  const apiUrl = baseOf(text("apiUrl") ?? scriptUrl, pageUrl, scriptUrl);
  const apiKey = text("apiKey") ?? "";
  const keyProblem = /^[!-~]+$/.test(apiKey) ? undefined : "data-api-key";
  return {
    apiUrl,
    apiKey,
    title: text("title"),
    accentColor: text("accentColor"),
    language: [text("lang") ?? "", ...languages].map(languageOf).find(Boolean) ?? "en",
    fatal: apiUrl ? keyProblem : "data-api-url",
  };
}

/** Whether an attribute is there, with any value but `false`. A page's script may give a boolean. */
export function isOn(value: unknown): boolean {
  return `${value ?? false}`.trim() !== "false";
}

/** Returns what reads the text of an attribute. An empty one counts as a missing one. */
export function textsOf(data: Attributes): (name: string) => string | undefined {
  // A page's script may give a number.
  return (name) => `${data[name] ?? ""}`.trim() || undefined;
}

/** The name of an attribute in HTML, by its name in `dataset`. */
export function attributeOf(name: string): string {
  return `data-${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** The settings for this page. */
export function readPageSettings(data: Attributes, scriptUrl: string): Settings {
  return readSettings(data, scriptUrl, document.baseURI, [
    document.documentElement.lang,
    ...navigator.languages,
  ]);
}

/** The server's base address; empty when the URL is not http or https. */
function baseOf(url: string, pageUrl: string, scriptUrl: string): string {
  const { origin, pathname } = webAddress(url, pageUrl) ?? {};
  if (!origin || !pathname) return "";
  // In `https://example.com/chat`, `/chat` is the API's path, unless the script was loaded from below it.
  const widget = pathname.replace(/\/*$/, "/widget/");
  const path = scriptUrl.startsWith(origin + widget) ? widget : pathname;
  return origin + path.replace(KNOWN_PATHS, "");
}

/** Undefined for an empty text and for what is no address of http or https. Without a page, it has to be absolute. */
export function webAddress(text: string, pageUrl?: string): URL | undefined {
  try {
    const url = new URL(text, pageUrl);
    return text && url.protocol.startsWith("http") ? url : undefined;
  } catch {
    return undefined;
  }
}
