import { isLanguage } from "../language.ts";
import { type Attributes, primary, textsOf } from "../settings.ts";

/** What the script tag's attributes say of the panel. Undefined: the panel's own. */
export interface PanelSettings {
  readonly welcomeMessage: string | undefined;
  readonly inputPlaceholder: string | undefined;
  /** What the line under the input says, instead of the panel's own sentence. `off`: nothing. */
  readonly notice: string | undefined;
  /** The owner's page on privacy, an https address. */
  readonly privacyUrl: string | undefined;
  readonly suggestions: readonly string[];
  /** Attributes that are wrong, for the owner of the page. */
  readonly problems: readonly string[];
}

/** The attributes that have rules of their own, and what is right. */
const RULES: readonly (readonly [
  name: string,
  attribute: string,
  isRight: (text: string) => boolean,
])[] = [
  ["position", "data-position", (text) => /^(?:left|right)$/i.test(text)],
  ["theme", "data-theme", (text) => /^(?:auto|light|dark)$/i.test(text)],
  ["lang", "data-lang", (text) => isLanguage(primary(text))],
  ["zIndex", "data-z-index", (text) => /^-?\d+$/.test(text)],
  ["privacyUrl", "data-privacy-url", isSecureUrl],
];

/** Reads the attributes. The result is usable whatever they contain. */
export function readPanelSettings(data: Attributes): PanelSettings {
  const text = textsOf(data);
  const privacyUrl = text("privacyUrl") ?? "";
  return {
    welcomeMessage: text("welcomeMessage"),
    inputPlaceholder: text("inputPlaceholder"),
    notice: text("notice"),
    privacyUrl: isSecureUrl(privacyUrl) ? privacyUrl : undefined,
    // `Prices | Opening hours`
    suggestions: (text("suggestions") ?? "").split(/\s*\|\s*/).filter(Boolean),
    problems: RULES.flatMap(([name, attribute, isRight]) =>
      isRight(text(name) ?? "") || text(name) === undefined ? [] : [attribute],
    ),
  };
}

function isSecureUrl(text: string): boolean {
  return /^https:\/\/[^/[]/i.test(text);
}
