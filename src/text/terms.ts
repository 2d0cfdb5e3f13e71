import { wordsOf } from "./words.ts";

/** What a question looks for: a word, or every word with this beginning. */
export interface Term {
  readonly text: string;
  readonly isBeginning: boolean;
}

/** Further words of a question are ignored: nobody needs them to find the place. */
const MAX_WORDS = 100;
/**
 * How many letters the beginning of a word has, and how many at least. It stands for all of the word's forms,
 * which costs no stemmer and no knowledge of the language.
 */
const BEGINNING_LETTERS = { most: 4, least: 3 };
/** Japanese endings and particles. They are in every polite question, and no text is found by them. */
const SHORT_HIRAGANA = /^[\p{Script=Hiragana}ー]{1,3}$/u;
/**
 * "I" and "me" in languages that write them as words of their own. They say who asks. Where pages speak to their
 * visitors such words are rare, so that every "How do I…" would find the few pages on which somebody speaks of
 * himself: thanks, reviews, a diary. Words that also are something else ("us", "IO", "EU", "mi") are not here.
 */
const ASKER = new Set(
  "i me myself ich mich mir je j moi yo ik mij jag jeg mna mnie mne я мне меня мені мене".split(
    " ",
  ),
);
/** These words are cut by a dictionary or in pairs and have no forms. */
const WITHOUT_FORMS =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;

/** What a question looks for: each word as it is, and the beginning of each longer one. */
export function termsOf(question: string): Term[] {
  const all = [...new Set(wordsOf(question))];
  const telling = all.filter((word) => !SHORT_HIRAGANA.test(word) && !ASKER.has(word));
  const words = (telling.length > 0 ? telling : all).slice(0, MAX_WORDS);
  const beginnings = new Set(words.flatMap((word) => beginningOf(word) ?? []));
  return [
    ...words.map((text) => ({ text, isBeginning: false })),
    ...Array.from(beginnings, (text) => ({ text, isBeginning: true })),
  ];
}

function beginningOf(word: string): string | undefined {
  if (WITHOUT_FORMS.test(word)) return undefined;
  const letters = Array.from(word);
  return letters.length < BEGINNING_LETTERS.least
    ? undefined
    : letters.slice(0, BEGINNING_LETTERS.most).join("");
}
