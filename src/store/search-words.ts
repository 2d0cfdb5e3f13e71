import { LEFT_OUT, STACKED_MARKS } from "../text/characters.ts";

/**
 * Scripts without spaces between words. SQLite's tokenizer takes a whole sentence in them for one word, so
 * each character is indexed as a separate word, and a search looks for characters that follow each other.
 */
const UNSPACED =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;
const EACH_UNSPACED = new RegExp(UNSPACED, "gu");

// oxlint-disable-next-line no-control-regex
const ASCII = /^[\0-\x7f]*$/;
/** Decomposed accents. Many people leave them out in Latin text, and Greek capitals have none. */
const ACCENTED = /([\p{Script=Latin}\p{Script=Greek}])\p{Mn}+/gu;
/** A token. The tokenizer of SQLite's index has the same rule (migrations.ts). */
const TOKEN = /[\p{L}\p{N}\p{M}\p{Co}]+/gu;
/** What is no part of a token, outside of ASCII. */
const SIGNS = /[^\p{L}\p{N}\p{M}\p{Co}\0-\x7f]+/gu;
/** A token that does not begin with a mark, because nobody searches for a mark alone. */
const WORD = /[\p{L}\p{N}\p{Co}][\p{L}\p{N}\p{M}\p{Co}]*/gu;

/** Bounds the work of one search. Further words are ignored. */
const MAX_WORDS = 10;
/** The limit for all words together. Where each character is a token, one word has many. */
const MAX_TOKENS = 32;
const MAX_TOKENS_OF_A_WORD = 16;

/**
 * Gives every spelling of a word the same letters: composed or decomposed, in full or half width, in capitals
 * or not (NFKC and full case folding, Unicode chapter 3.13), with accents or without.
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

/**
 * The text of a message for the index of SQLite, whose tokenizer takes signs that are newer than itself, such
 * as many emoji, for letters. A change here needs a migration that rebuilds the index.
 */
export function searchText(content: string): string {
  return spaced(fold(content)).replaceAll(SIGNS, " ");
}

/** The tokens of a message, in their order: those of SQLite's index. */
export function searchTokens(content: string): readonly string[] {
  return spaced(fold(content)).match(TOKEN) ?? [];
}

function spaced(folded: string): string {
  return UNSPACED.test(folded) ? folded.replaceAll(EACH_UNSPACED, " $& ") : folded;
}

/** Whether the token is a character of a script without spaces. No word of a search joins two other tokens. */
export function isUnspaced(token: string): boolean {
  return UNSPACED.test(token);
}

/** A word of a search: tokens that follow each other. The last one may be the beginning of a longer word. */
export type SearchWord = readonly string[];

interface SearchWords {
  readonly words: readonly SearchWord[];
  /** How many words are ignored or shortened. */
  readonly wordsLeftOut: number;
}

/** Reads what a person typed into a search. Every word must occur, as the beginning of a word. */
export function readSearch(typed: string): SearchWords {
  const found = [...new Set(fold(typed).match(WORD))];
  const words: SearchWord[] = [];
  let left = MAX_TOKENS;
  // Text without a word, such as an emoji, finds nothing and counts as one ignored word.
  let wordsLeftOut = found.length === 0 && typed.trim() !== "" ? 1 : 0;
  for (const word of found) {
    const tokens = searchTokens(word);
    const room = words.length < MAX_WORDS ? Math.min(left, MAX_TOKENS_OF_A_WORD) : 0;
    if (tokens.length > room) wordsLeftOut += 1;
    if (room === 0) continue;
    words.push(tokens.slice(0, room));
    left -= Math.min(tokens.length, room);
  }
  return { words, wordsLeftOut };
}

/** Whether the token may be the beginning of a longer one: only the last, and not where characters are tokens. */
export function isBeginning(tokens: SearchWord, index: number): boolean {
  return index === tokens.length - 1 && !isUnspaced(tokens[index] ?? "");
}

/** Whether the tokens of each phrase follow each other in the text. */
export function hasPhrases(content: string, phrases: readonly SearchWord[]): boolean {
  return followEachOther(searchTokens(content).join(" "), phrases);
}

/** @param text all tokens of a text, with a space between two */
export function followEachOther(text: string, phrases: readonly SearchWord[]): boolean {
  return phrases.every((tokens) => {
    const end = isBeginning(tokens, tokens.length - 1) ? "" : " ";
    return ` ${text} `.includes(` ${tokens.join(" ")}${end}`);
  });
}
