/**
 * Scripts that are written without spaces between words. SQLite's tokenizer takes a whole sentence of
 * them for one word, so each character is made a word of its own, and a search looks for characters
 * that follow each other.
 */
const UNSPACED =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;
const EACH_UNSPACED = new RegExp(UNSPACED, "gu");

// oxlint-disable-next-line no-control-regex
const ASCII = /^[\0-\x7f]*$/;
/** Accents, which Greek capitals and many who type Latin letters leave away; decomposed. */
const ACCENTED = /([\p{Script=Latin}\p{Script=Greek}])\p{Mn}+/gu;
/**
 * What one person writes and the next does not, in the same word. As ranges of two bytes: with
 * properties, or with more, the expression takes five times as long.
 */
const LEFT_OUT = new RegExp(
  `[${[
    // Marks that are part of no letter, such as a stress.
    "\\u0300-\\u036f",
    // Soft hyphens, joiners, variation selectors, marks of the writing direction.
    "\\u00ad\\u061c\\u200d-\\u200f\\u202a-\\u202e\\u2060-\\u2064\\u2066-\\u206f\\ufe00-\\ufe0f\\ufeff",
    // Hebrew vowel signs.
    "\\u0591-\\u05bd\\u05bf\\u05c1\\u05c2\\u05c4\\u05c5\\u05c7",
    // Arabic vowel signs and the line that stretches a word.
    "\\u0610-\\u061a\\u0640\\u064b-\\u065f\\u0670\\u06d6-\\u06dc\\u06df-\\u06e4\\u06e7\\u06e8\\u06ea-\\u06ed",
  ].join("")}]`,
  "g",
);

/**
 * Marks that stand one upon another. To put them in order takes time by the square of their number, 14 s for
 * 64,000 of them, so no more are kept than Unicode asks for (UAX #15, Stream-Safe Text Format). The two
 * katakana marks are letters until they are normalised.
 */
const STACKED_MARKS = /([\p{M}\uff9e\uff9f]{30})[\p{M}\uff9e\uff9f]+/gu;

/** As the tokenizer of the index takes them (migrations.ts). */
const TOKEN = /[\p{L}\p{N}\p{M}\p{Co}]+/gu;
/** Nobody looks for a mark alone. */
const WORD = /[\p{L}\p{N}\p{Co}][\p{L}\p{N}\p{M}\p{Co}]*/gu;

/** What bounds the work of one search; more is not looked for. */
const MAX_WORDS = 10;
/** Of all words together. One word is many tokens where each character is one. */
const MAX_TOKENS = 32;
const MAX_TOKENS_OF_A_WORD = 16;

/**
 * The same word in the same letters, however it was typed: composed or decomposed, in full or half
 * width, in capitals or not (NFKC and full case folding, Unicode chapter 3.13), with accents or without.
 */
function fold(text: string): string {
  if (ASCII.test(text)) return text.toLowerCase();
  return text
    .replaceAll(STACKED_MARKS, "$1")
    .normalize("NFKD")
    .toUpperCase()
    .toLowerCase()
    .replaceAll(ACCENTED, "$1")
    .normalize("NFKC")
    .replaceAll(LEFT_OUT, "")
    .replaceAll("ς", "σ");
}

/** What of a message is put into the index. A change needs a migration that builds the index anew. */
export function searchText(content: string): string {
  const folded = fold(content);
  return UNSPACED.test(folded) ? folded.replaceAll(EACH_UNSPACED, " $& ") : folded;
}

/** A word to look for: tokens that follow each other, the last of them as the beginning of a word. */
export type SearchWord = readonly string[];

export interface SearchWords {
  readonly words: readonly SearchWord[];
  /** How many words are not looked for, or not to their end. */
  readonly wordsLeftOut: number;
}

/** Reads what a person typed: every word must occur, as the beginning of a word. */
export function readSearch(typed: string): SearchWords {
  const found = [...new Set(fold(typed).match(WORD))];
  const words: SearchWord[] = [];
  let left = MAX_TOKENS;
  // An emoji, say, is no word, and nothing is found by it.
  let wordsLeftOut = found.length === 0 && typed.trim() !== "" ? 1 : 0;
  for (const word of found) {
    const tokens = searchText(word).split(" ").filter(Boolean);
    const room = words.length < MAX_WORDS ? Math.min(left, MAX_TOKENS_OF_A_WORD) : 0;
    if (tokens.length > room) wordsLeftOut += 1;
    if (room === 0) continue;
    words.push(tokens.slice(0, room));
    left -= Math.min(tokens.length, room);
  }
  return { words, wordsLeftOut };
}

/** Only the last token of a word can go on, and not where each character is a word. */
export function isBeginning(tokens: SearchWord, index: number): boolean {
  return index === tokens.length - 1 && !UNSPACED.test(tokens[index] ?? "");
}

/** Whether the tokens of each phrase follow each other in a text. */
export function hasPhrases(content: string, phrases: readonly SearchWord[]): boolean {
  const text = ` ${searchText(content).match(TOKEN)?.join(" ") ?? ""} `;
  return phrases.every((tokens) => {
    const end = isBeginning(tokens, tokens.length - 1) ? "" : " ";
    return text.includes(` ${tokens.join(" ")}${end}`);
  });
}
