import type { Language } from "../language.ts";
import { print } from "./print.ts";
import type { Sentences } from "./sentences.ts";

/** What the panel says, by language. */
export type SentencesByLanguage = Readonly<Record<string, Sentences>>;

/** Gives what a panel that is perhaps of another version says in the language, if it speaks it. */
export type LoadSentences = (
  language: Language,
) => Promise<Readonly<Record<string, Partial<Sentences>>>>;

/** Gives the sentences in the language, or in another one while there are none, and says in which. */
export type Speech = (language: Language) => {
  readonly language: Language;
  readonly sentences: Sentences;
};

/**
 * Sentences in a language that is not known are loaded. Until they are there, and if they cannot be had, the panel goes on
 * in the language before.
 * @param known in one language or more
 * @param onLoad called when sentences that were missing are there
 */
export function createSpeech(
  known: SentencesByLanguage,
  load: LoadSentences,
  onLoad: () => void,
): Speech {
  // The one of the file's name, or any of all.
  let [[language, sentences]] = Object.entries(known) as [[Language, Sentences]];

  async function learn(wanted: Language): Promise<void> {
    const loaded = await load(wanted);
    const found = loaded[wanted];
    if (!found || known[wanted]) return;
    known = { ...known, [wanted]: { ...sentences, ...found } };
    onLoad();
  }

  return (wanted) => {
    const found = known[wanted];
    if (found) [language, sentences] = [wanted, found];
    else learn(wanted).catch(print);
    return { language, sentences };
  };
}
