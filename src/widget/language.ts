/** The languages that the widget speaks, and what a chat is called in each. */
export const TITLES = {
  en: "Chat",
  de: "Chat",
  es: "Chat",
  fr: "Chat",
  it: "Chat",
  pt: "Chat",
  ja: "チャット",
  ar: "محادثة",
} as const;

export type Language = keyof typeof TITLES;

export function isLanguage(tag: string): tag is Language {
  return Object.hasOwn(TITLES, tag);
}

/** The direction of the language's writing. */
export function directionOf(language: Language): "ltr" | "rtl" {
  return language === "ar" ? "rtl" : "ltr";
}
