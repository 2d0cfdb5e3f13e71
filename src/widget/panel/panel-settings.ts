import { languageOf } from "../language.ts";
import { attributeOf, type Attributes, textsOf, webAddress } from "../settings.ts";

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
  /** Where visitors can write to people: an https or mailto address. */
  readonly contactUrl: string | undefined;
  readonly suggestions: readonly string[];
  /** What stands on the launcher beside its icon. */
  readonly launcherLabel: string | undefined;
  /** Attributes that are wrong, for the owner of the page. */
  readonly problems: readonly string[];
}

/** Whether a text is right. */
type Rule = (text: string, pageUrl: string) => boolean;

/** Of the attributes that not any text is right for, by their names in `dataset`. */
const RULES: ReadonlyMap<string, Rule> = new Map<string, Rule>([
  ["position", (text) => /^(?:left|right)$/i.test(text)],
  ["theme", (text) => /^(?:auto|light|dark)$/i.test(text)],
  ["lang", (text) => !!languageOf(text)],
  ["zIndex", (text) => /^-?\d+$/.test(text)],
  ["offset", (text) => /^\d{1,4} +\d{1,4}$/.test(text)],
  ["greetAfter", (text) => /^\d{1,4}$/.test(text)],
  ["privacyUrl", (text) => /^https:\/\/[^/[]/i.test(text)],
  ["contactUrl", (text) => /^(?:https:\/\/[^/[]|mailto:.+@)/i.test(text)],
  ["logo", (text, pageUrl) => !!webAddress(text, pageUrl)],
]);

/** Reads the attributes. The result is usable whatever they contain. */
export function readPanelSettings(data: Attributes, pageUrl: string): PanelSettings {
  const text = textsOf(data);
  const isRight = (name: string) => RULES.get(name)?.(text(name) ?? "", pageUrl);
  const right = (name: string) => (isRight(name) ? text(name) : undefined);
  const theme = text("theme")?.toLowerCase();
  return {
    scheme: theme === "light" || theme === "dark" ? theme : undefined,
    subtitle: text("subtitle"),
    logo: right("logo"),
    welcomeMessage: text("welcomeMessage"),
    inputPlaceholder: text("inputPlaceholder"),
    notice: text("notice"),
    privacyUrl: right("privacyUrl"),
    launcherLabel: text("launcherLabel"),
    contactUrl: right("contactUrl"),
    // `Prices | Opening hours`
    suggestions: (text("suggestions") ?? "").split(/\s*\|\s*/).filter(Boolean),
    problems: [...RULES.keys()].filter((name) => text(name) && !isRight(name)).map(attributeOf),
  };
}
