/** The languages that the widget speaks. Every page pays for what the loader says, so its own word is one for all: Chat. */
export const LANGUAGES = [
  "en",
  "de",
  "es",
  "fr",
  "it",
  "pt",
  "nl",
  "pl",
  "tr",
  "ru",
  "uk",
  "ja",
  "ko",
  "zh",
  "zh-hant",
  "ar",
  "he",
] as const;

export type Language = (typeof LANGUAGES)[number];

/** The widget's language for a tag such as `pt-BR` or `zh-TW`; undefined when it does not speak it. */
export function languageOf(tag: string): Language | undefined {
  const name = tag
    .toLowerCase()
    .replace(/^zh(?!.*hans).*[-_](hant|tw|hk|mo)\b.*|[-_].*/, (_, traditional) =>
      traditional ? "zh-hant" : "",
    );
  return LANGUAGES.find((language) => language === name);
}

/** The direction of the language's writing. */
export function directionOf(language: Language): "ltr" | "rtl" {
  return /ar|he/.test(language) ? "rtl" : "ltr";
}
