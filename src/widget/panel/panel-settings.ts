import { languageOf } from "../language.ts";
import { type Attributes, textsOf, webAddress } from "../settings.ts";

/** What the script tag's attributes say of the panel. Undefined: the panel's own. */
export interface PanelSettings {
  /** Undefined: the page's, or else the visitor's. */
  readonly scheme: "light" | "dark" | undefined;
  /** A line below the title. */
  readonly subtitle: string | undefined;
  /** The address of an image, http or https; it may be relative to the page. */
  readonly logo: string | undefined;
  readonly welcomeMessage: string | undefined;
  readonly inputPlaceholder: string | undefined;
  /** What the line under the input says, instead of the panel's own sentence. `off`: nothing. */
  readonly notice: string | undefined;
  /** The owner's page on privacy, an https address. */
  readonly privacyUrl: string | undefined;
  readonly suggestions: readonly string[];
  /** What stands on the launcher beside its icon. */
  readonly launcherLabel: string | undefined;
  /** Attributes that are wrong, for the owner of the page. */
  readonly problems: readonly string[];
}

const SCHEMES = ["light", "dark"] as const;

/** The attributes that have rules of their own, and what is right. */
const RULES: readonly (readonly [
  name: string,
  attribute: string,
  isRight: (text: string, pageUrl: string) => boolean,
])[] = [
  ["position", "data-position", (text) => /^(?:left|right)$/i.test(text)],
  ["theme", "data-theme", (text) => /^(?:auto|light|dark)$/i.test(text)],
  ["lang", "data-lang", (text) => languageOf(text) !== undefined],
  ["zIndex", "data-z-index", (text) => /^-?\d+$/.test(text)],
  ["offset", "data-offset", (text) => /^\d{1,4} +\d{1,4}$/.test(text)],
  ["greetAfter", "data-greet-after", (text) => /^\d{1,4}$/.test(text)],
  ["privacyUrl", "data-privacy-url", isSecureUrl],
  ["logo", "data-logo", isImageUrl],
];

/** Reads the attributes. The result is usable whatever they contain. */
export function readPanelSettings(data: Attributes, pageUrl: string): PanelSettings {
  const text = textsOf(data);
  const privacyUrl = text("privacyUrl") ?? "";
  const logo = text("logo") ?? "";
  return {
    scheme: SCHEMES.find((each) => each === text("theme")?.toLowerCase()),
    subtitle: text("subtitle"),
    logo: isImageUrl(logo, pageUrl) ? logo : undefined,
    welcomeMessage: text("welcomeMessage"),
    inputPlaceholder: text("inputPlaceholder"),
    notice: text("notice"),
    privacyUrl: isSecureUrl(privacyUrl) ? privacyUrl : undefined,
    launcherLabel: text("launcherLabel"),
    // `Prices | Opening hours`
    suggestions: (text("suggestions") ?? "").split(/\s*\|\s*/).filter(Boolean),
    problems: RULES.flatMap(([name, attribute, isRight]) =>
      isRight(text(name) ?? "", pageUrl) || text(name) === undefined ? [] : [attribute],
    ),
  };
}

function isSecureUrl(text: string): boolean {
  return /^https:\/\/[^/[]/i.test(text);
}

function isImageUrl(text: string, pageUrl: string): boolean {
  return webAddress(text, pageUrl) !== undefined;
}
