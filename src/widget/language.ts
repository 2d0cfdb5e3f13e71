/** The languages that the widget speaks. */
const LANGUAGES = ["en", "de", "es", "fr", "it", "pt", "ja", "ar"] as const;

export type Language = (typeof LANGUAGES)[number];

export function isLanguage(tag: string): tag is Language {
  return LANGUAGES.some((language) => language === tag);
}

/** The direction of the language's writing. */
export function directionOf(language: Language): "ltr" | "rtl" {
  return language === "ar" ? "rtl" : "ltr";
}
