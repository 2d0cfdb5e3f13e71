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

/** Whether a text is right: most rules are regular expressions. */
interface Rule {
  test(text: string): unknown;
}

/** Reads the attributes. The result is usable whatever they contain. */
export function readPanelSettings(data: Attributes, pageUrl: string): PanelSettings {
  const text = textsOf(data);
  const problems: string[] = [];
  /** The text, where it is right. */
  const right = (name: string, rule: Rule) => {
    const said = text(name);
    const isRight = said && rule.test(said);
    if (said && !isRight) problems.push(attributeOf(name));
    return isRight ? said : undefined;
  };
  right("position", /^(?:left|right)$/i);
  right("lang", { test: languageOf });
  right("zIndex", /^-?\d+$/);
  right("offset", /^\d{1,4} +\d{1,4}$/);
  right("greetAfter", /^\d{1,4}$/);
  const theme = right("theme", /^(?:auto|light|dark)$/i)?.toLowerCase();
  return {
    scheme: theme === "light" || theme === "dark" ? theme : undefined,
    subtitle: text("subtitle"),
    logo: right("logo", { test: (said) => webAddress(said, pageUrl) }),
    welcomeMessage: text("welcomeMessage"),
    inputPlaceholder: text("inputPlaceholder"),
    notice: text("notice"),
    privacyUrl: right("privacyUrl", /^https:\/\/[^/[]/i),
    launcherLabel: text("launcherLabel"),
    contactUrl: right("contactUrl", /^(?:https:\/\/[^/[]|mailto:.+@)/i),
    // `Prices | Opening hours`
    suggestions: (text("suggestions") ?? "").split(/\s*\|\s*/).filter(Boolean),
    problems,
  };
}
