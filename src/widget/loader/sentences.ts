import type { Language } from "../language.ts";

/** The title of the chat, that the panel could not be loaded, and the button for another attempt. */
type LoaderSentences = readonly [title: string, failed: string, retry: string];

export const LOADER_SENTENCES: Readonly<Record<Language, LoaderSentences>> = {
  en: ["Chat", "Chat unavailable", "Try again"],
  de: ["Chat", "Chat nicht erreichbar", "Nochmals versuchen"],
  es: ["Chat", "Chat no disponible", "Reintentar"],
  fr: ["Chat", "Chat indisponible", "Réessayer"],
  it: ["Chat", "Chat non disponibile", "Riprova"],
  pt: ["Chat", "Chat indisponível", "Tentar de novo"],
  ja: ["チャット", "チャットに接続できません", "再試行"],
  ar: ["محادثة", "المحادثة غير متاحة", "إعادة المحاولة"],
};
