import { beginningOf } from "./beginning.ts";
import { LEFT_OUT, STACKED_MARKS } from "./characters.ts";

/*
 * The words of a text as the index of the knowledge has them. Nobody asks for the language: alphabets are cut
 * at what is no letter, Chinese, Japanese and Thai by the dictionaries of ICU, and Korean into pairs of
 * syllables, because its endings are written to the word.
 */

/** Goes with an index. With another version the same text has other words, and the index is made anew. */
export const ANALYZER = `1/icu${process.versions["icu"] ?? ""}`;

/** Longer words are cut off, in texts and in questions. In UTF-16 units. */
const MAX_WORD = 64;
/** The dictionaries get at most so much at a time. In UTF-16 units. */
const MAX_PIECE = 2000;

const RUN = /[\p{L}\p{N}\p{M}]+/gu;
// oxlint-disable-next-line no-control-regex
const ASCII = /^[\0-\x7f]*$/;
const ASCII_RUN = /[A-Za-z0-9]+/g;
const DICTIONARY =
  "\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}\\p{Script=Thai}\\p{Script=Lao}\\p{Script=Khmer}\\p{Script=Myanmar}ー々〆";
const HANGUL = "\\p{Script=Hangul}";
const MIXED = new RegExp(`[${DICTIONARY}${HANGUL}]`, "u");
/** Parts of a run by how they are cut. A mark belongs to what is before it. */
const PARTS = new RegExp(
  `(?<dictionary>(?:[${DICTIONARY}]\\p{M}*)+)|(?<hangul>(?:${HANGUL}\\p{M}*)+)|[^${DICTIONARY}${HANGUL}]+`,
  "gu",
);
/** Some write e-mail and Wi-Fi with it and others without: both are found. */
const HYPHEN = /[-\u2010]/;
/** Between the words of camelCase, PascalCase and HTTPServer, and between letters and digits. */
const JOINTS =
  /(?<=[\p{Ll}\p{N}])(?=\p{Lu})|(?<=\p{Lu})(?=\p{Lu}\p{Ll})|(?<=\p{L})(?=\p{N})|(?<=\p{N})(?=\p{L})/u;
/** A run with more parts is a key or a checksum. */
const MAX_PARTS = 6;
const MARKS = /\p{M}+/gu;
/** Which of the forms of a Han character is meant. */
const FORMS = /[\u{e0100}-\u{e01ef}]+/gu;
/** Letters that keep their stroke when their marks are taken off, as people without the key for them type them. */
const PLAIN_LETTERS: Readonly<Record<string, string>> = {
  ß: "ss",
  æ: "ae",
  œ: "oe",
  ø: "o",
  ł: "l",
  đ: "d",
  ð: "d",
  þ: "th",
  ı: "i",
  ς: "σ",
};
const LETTERS = new RegExp(`[${Object.keys(PLAIN_LETTERS).join("")}]`, "g");
/** The Arabic article, which is written to the word, with a preposition or "and" before it. */
const ARTICLE = /^(?:[وفبك]?ال|لل)(?=\p{L}{3})/u;
const segmenter = new Intl.Segmenter("en", { granularity: "word" });

/** The words in their order, folded: without case and diacritics, in full width. None has a space or a quote. */
export function wordsOf(text: string): string[] {
  const words: string[] = [];
  const isAscii = ASCII.test(text);
  const plain = isAscii ? text : normalized(text);
  let before = { run: "", end: -1 };
  for (const { 0: run, index } of plain.matchAll(isAscii ? ASCII_RUN : RUN)) {
    if (!isAscii && MIXED.test(run)) {
      for (const part of partsOf(run)) pushPart(words, part);
    } else {
      pushRun(words, run);
      const isJoined = index === before.end + 1 && HYPHEN.test(plain[before.end] ?? "");
      if (isJoined) words.push(fold(cutOff(before.run + run)));
    }
    before = { run, end: index + run.length };
  }
  return words;
}

/** How many words there are, so that Chinese and Thai have words, too. */
export function countWords(text: string): number {
  return wordsOf(text).length;
}

/** A part of a text, in UTF-16 units. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** Like RUN, with the characters that are left out, and with hyphens. */
const RAW_RUN = /[\p{L}\p{N}\p{M}\p{Cf}]+(?:[-\u2010\u2011][\p{L}\p{N}\p{M}\p{Cf}]+)*/gu;

/** Where the words of a text stand. A span has a word, and what is joined in it. */
export function* wordSpans(text: string): Generator<Span> {
  for (const { 0: run, index } of text.matchAll(RAW_RUN)) {
    let start = index;
    for (const part of partsOf(run)) {
      for (const piece of part.script === "dictionary" ? segmentsOf(part.text) : [part.text]) {
        yield { start, end: start + piece.length };
        start += piece.length;
      }
    }
  }
}

function normalized(text: string): string {
  return text.replaceAll(STACKED_MARKS, "$1").normalize("NFKC").replaceAll(LEFT_OUT, "");
}

interface WordPart {
  readonly text: string;
  readonly script: "dictionary" | "hangul" | "alphabet";
}

function* partsOf(run: string): Generator<WordPart> {
  for (const { 0: text, groups } of run.matchAll(PARTS)) {
    const script =
      groups?.["dictionary"] !== undefined
        ? "dictionary"
        : groups?.["hangul"] !== undefined
          ? "hangul"
          : "alphabet";
    yield { text, script };
  }
}

function pushPart(words: string[], { text, script }: WordPart): void {
  if (script === "alphabet") pushRun(words, text);
  else if (script === "hangul") pushPairs(words, text);
  else for (const segment of segmentsOf(text.replaceAll(FORMS, ""))) words.push(cutOff(segment));
}

function* segmentsOf(text: string): Generator<string> {
  for (let at = 0; at < text.length; at += MAX_PIECE) {
    for (const { segment } of segmenter.segment(text.slice(at, at + MAX_PIECE))) yield segment;
  }
}

/** A run of letters and digits, and what is joined in it. */
function pushRun(words: string[], run: string): void {
  const word = fold(cutOff(run));
  // A mark alone, such as the frame of a keycap, is no word.
  if (word !== "") words.push(word);
  if (run.length > MAX_WORD) return;
  const parts = run.split(JOINTS);
  if (parts.length === 1 || parts.length > MAX_PARTS) return;
  words.push(...parts.map(fold).filter((part) => part !== ""));
}

function pushPairs(words: string[], text: string): void {
  const syllables = Array.from(text);
  if (syllables.length === 1) words.push(text);
  for (const [at, syllable] of syllables.entries()) {
    const next = syllables[at + 1];
    if (next !== undefined) words.push(syllable + next);
  }
}

function cutOff(word: string): string {
  return word.length <= MAX_WORD ? word : beginningOf(word, MAX_WORD);
}

function fold(word: string): string {
  const small = word.toLowerCase();
  if (ASCII.test(small)) return small;
  return small
    .normalize("NFD")
    .replaceAll(MARKS, "")
    .normalize("NFC")
    .replaceAll(LETTERS, (letter) => PLAIN_LETTERS[letter] ?? letter)
    .replace(ARTICLE, "");
}
