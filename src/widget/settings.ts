import { isLanguage, type Language } from "./language.ts";

/** The settings in the script tag's attributes, with defaults for missing ones. */
export interface Settings {
  /** The server's address, without a slash at the end; empty when it is not known. */
  readonly apiUrl: string;
  readonly apiKey: string;
  readonly title: string | undefined;
  readonly welcomeMessage: string | undefined;
  readonly inputPlaceholder: string | undefined;
  /** What the line under the input says, instead of the widget's own sentence. `off`: nothing. */
  readonly notice: string | undefined;
  /** The owner's page on privacy, an https address. */
  readonly privacyUrl: string | undefined;
  readonly position: "left" | "right";
  /** Any CSS colour; undefined: the widget's own. */
  readonly accentColor: string | undefined;
  readonly suggestions: readonly string[];
  readonly theme: "auto" | "light" | "dark";
  readonly language: Language;
  readonly isOpen: boolean;
  /** A whole number of any size; browsers clamp it. */
  readonly zIndex: string;
  /** Attributes that are wrong, for the owner of the page. */
  readonly problems: readonly string[];
  /** The attribute of the server or the key, when it is missing or wrong: the chat cannot work without it. */
  readonly fatal: string | undefined;
}

const DEFAULT_Z_INDEX = "2147483000";
/** What may follow the server's address: the script's path or the API's, as in the original project. */
const KNOWN_PATHS = /\/+(?:widget\/[^/]*|(?:v1\/)?chat(?:\/stream)?)?\/*$/;

/**
 * Reads the `data-*` attributes. The result is usable whatever they contain.
 * @param languages of the page and of the visitor, in order of preference
 */
export function readSettings(
  data: Readonly<Record<string, string | undefined>>,
  scriptUrl: string,
  pageUrl: string,
  languages: readonly string[],
): Settings {
  const problems: string[] = [];
  const text = (name: string) => data[name]?.trim() || undefined;

  /** The first choice is the default. */
  function choice<T extends string>(name: string, choices: readonly [T, ...T[]]): T {
    const value = text(name)?.toLowerCase() ?? choices[0];
    const chosen = choices.find((each) => each === value);
    if (!chosen) problems.push(`data-${name}`);
    return chosen ?? choices[0];
  }

  const apiUrl = baseOf(text("apiUrl") ?? scriptUrl, pageUrl, scriptUrl);
  const apiKey = text("apiKey") ?? "";
  const keyProblem = /^[!-~]+$/.test(apiKey) ? undefined : "data-api-key";
  const lang = text("lang");
  if (lang && !isLanguage(primary(lang))) problems.push("data-lang");
  let privacyUrl = text("privacyUrl");
  if (privacyUrl && !/^https:\/\/[^/[]/i.test(privacyUrl)) {
    problems.push("data-privacy-url");
    privacyUrl = undefined;
  }
  let zIndex = text("zIndex") ?? DEFAULT_Z_INDEX;
  if (!/^-?\d+$/.test(zIndex)) {
    problems.push("data-z-index");
    zIndex = DEFAULT_Z_INDEX;
  }

  return {
    apiUrl,
    apiKey,
    title: text("title"),
    welcomeMessage: text("welcomeMessage"),
    inputPlaceholder: text("inputPlaceholder"),
    notice: text("notice"),
    privacyUrl,
    position: choice("position", ["right", "left"]),
    accentColor: text("accentColor"),
    // `Prices | Opening hours`
    suggestions: (text("suggestions") ?? "").split(/\s*\|\s*/).filter(Boolean),
    theme: choice("theme", ["auto", "light", "dark"]),
    language: [lang ?? "", ...languages].map(primary).find(isLanguage) ?? "en",
    isOpen: (text("open") ?? data.open ?? "false") !== "false",
    zIndex,
    problems,
    fatal: apiUrl ? keyProblem : "data-api-url",
  };
}

/** The server's base address; empty when the URL is not http or https. */
function baseOf(url: string, pageUrl: string, scriptUrl: string): string {
  if (!url || !URL.canParse(url, pageUrl)) return "";
  const { protocol, origin, pathname } = new URL(url, pageUrl);
  if (!/^https?:$/.test(protocol)) return "";
  // In `https://example.com/chat`, `/chat` is the API's path, unless the script was loaded from below it.
  const widget = pathname.replace(/\/*$/, "/widget/");
  const path = scriptUrl.startsWith(origin + widget) ? widget : pathname;
  return origin + path.replace(KNOWN_PATHS, "");
}

function primary(tag: string): string {
  return tag.toLowerCase().replace(/[-_].*/, "");
}
