import type { SettingGroup } from "./setting-group.ts";
import type { SettingReader } from "./setting-reader.ts";

/** Texts and looks of the widget on every page. A page's own `data-*` attributes win. Undefined: the widget's own. */
export interface WidgetSettings {
  readonly title: string | undefined;
  readonly subtitle: string | undefined;
  /** What an empty conversation begins with. */
  readonly greeting: string | undefined;
  readonly suggestions: readonly string[];
  /** The line that says that an AI answers. `off`: no line. */
  readonly notice: string | undefined;
  /** The https address of the owner's page on privacy. */
  readonly privacyUrl: string | undefined;
  /** `#0f766e` */
  readonly color: string | undefined;
  /** The address of an image. */
  readonly logo: string | undefined;
}

/** What fits into the widget's head. */
const MAX_TITLE = 60;
const MAX_SUBTITLE = 120;
const MAX_NOTICE = 300;
const MAX_GREETING = 1000;
const MAX_SUGGESTIONS = 6;
const MAX_SUGGESTION = 100;
const MAX_ADDRESS = 2000;

export const WIDGET: SettingGroup<WidgetSettings> = {
  read: (reader) => ({
    title: readText(reader, "WIDGET_TITLE", MAX_TITLE, "Ask us"),
    subtitle: readText(reader, "WIDGET_SUBTITLE", MAX_SUBTITLE, "We answer at once"),
    greeting: readText(reader, "WIDGET_GREETING", MAX_GREETING, "Hello! What can we do for you?"),
    suggestions: readSuggestions(reader),
    notice: readText(reader, "WIDGET_NOTICE", MAX_NOTICE, "An AI answers and can be wrong."),
    privacyUrl: readPrivacyUrl(reader),
    color: readColor(reader),
    logo: readAddress(reader, "WIDGET_LOGO", "https://www.example.com/logo.svg"),
  }),
  shown: {
    WIDGET_TITLE: ({ title }) => title ?? "not set",
    WIDGET_SUBTITLE: ({ subtitle }) => subtitle ?? "not set",
    WIDGET_GREETING: ({ greeting }) => greeting ?? "not set",
    WIDGET_SUGGESTIONS: ({ suggestions }) => suggestions.join(" | ") || "not set",
    WIDGET_NOTICE: ({ notice }) => notice ?? "not set",
    WIDGET_PRIVACY_URL: ({ privacyUrl }) => privacyUrl ?? "not set",
    WIDGET_COLOR: ({ color }) => color ?? "not set",
    WIDGET_LOGO: ({ logo }) => logo ?? "not set",
  },
  editable: [
    "WIDGET_TITLE",
    "WIDGET_SUBTITLE",
    "WIDGET_GREETING",
    "WIDGET_SUGGESTIONS",
    "WIDGET_NOTICE",
    "WIDGET_PRIVACY_URL",
    "WIDGET_COLOR",
    "WIDGET_LOGO",
  ],
};

function readText(
  reader: SettingReader,
  name: string,
  maxLength: number,
  example: string,
): string | undefined {
  const text = reader.text(name);
  if (text !== undefined && text.length > maxLength) {
    reader.refuse(name, `has more than ${maxLength} characters`, example);
  }
  return text;
}

/** `Prices | Opening hours` */
function readSuggestions(reader: SettingReader): string[] {
  const text = reader.text("WIDGET_SUGGESTIONS") ?? "";
  const suggestions = text.split(/\s*\|\s*/).filter((each) => each !== "");
  const isTooLong = suggestions.some((each) => each.length > MAX_SUGGESTION);
  if (isTooLong || suggestions.length > MAX_SUGGESTIONS) {
    reader.refuse(
      "WIDGET_SUGGESTIONS",
      `has more than ${MAX_SUGGESTIONS} suggestions, or one with more than ${MAX_SUGGESTION} characters`,
      "Prices | Opening hours",
    );
  }
  return suggestions;
}

/** An address that a visitor's browser opens. */
function readAddress(reader: SettingReader, name: string, example: string): string | undefined {
  const text = reader.text(name);
  if (text === undefined) return undefined;
  const isAddress = /^https?:\/\/\S+$/i.test(text) && URL.canParse(text);
  if (!isAddress || text.length > MAX_ADDRESS) {
    reader.refuse(name, "must be an http or https address", example);
  }
  return text;
}

function readPrivacyUrl(reader: SettingReader): string | undefined {
  const example = "https://www.example.com/privacy";
  const text = readAddress(reader, "WIDGET_PRIVACY_URL", example);
  if (text !== undefined && !/^https:/i.test(text) && !reader.hasProblem("WIDGET_PRIVACY_URL")) {
    reader.refuse("WIDGET_PRIVACY_URL", "must be an https address", example);
  }
  return text;
}

function readColor(reader: SettingReader): string | undefined {
  const text = reader.text("WIDGET_COLOR");
  if (text !== undefined && !/^#(?:[0-9a-f]{3}|[0-9a-f]{6})$/i.test(text)) {
    reader.refuse("WIDGET_COLOR", "must be a colour with three or six digits", "#0f766e");
  }
  return text?.toLowerCase();
}
