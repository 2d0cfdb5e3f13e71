import { countWords } from "./words.ts";

/** A piece of a text, with the white space after it. */
export interface TextUnit {
  readonly text: string;
  readonly size: number;
}

/** Cuts a text into pieces, which together are the text. */
type Cut = (text: string) => Iterable<string>;

const EMPTY_LINES = /\n(?:[ \t]*\n)+/g;
const atEmptyLines = cutAfter(EMPTY_LINES);
const atLines = cutAfter(/\n/g);
/** The signs that end a sentence in the scripts of the world, with the quotes and brackets that close. */
const atSentences = cutAfter(
  /[.!?…؟۔।॥։።။។]["'”’»)\]]{0,9}\s+|[。！？｡]{1,9}["'”’」』）]{0,9}\s*/g,
);
const atSpaces = cutAfter(/\s+/g);
const atCharacters = cutAfter(/[\s\S]{100}/gu);

/** A word of so many characters counts once. What has no words, such as a key in Base64, has a size, too. */
const CHARACTERS_OF_A_WORD = 20;

/** In words as the index counts them; at least a twentieth of the characters. */
export function sizeOf(text: string, maxSize: number): number {
  const least = text.length / CHARACTERS_OF_A_WORD;
  // Nobody needs the words of a text that is too long anyway.
  return least > maxSize ? least : Math.max(least, countWords(text));
}

/** The same of texts with white space between them, for each of which the number of words is known. */
export function sizeOfJoined(length: number, words: number): number {
  return Math.max(length / CHARACTERS_OF_A_WORD, words);
}

/** The words of a text. Infinity where it is larger than the given size by its characters alone. */
export function wordsWithin(text: string, maxSize: number): number {
  return text.length / CHARACTERS_OF_A_WORD > maxSize ? Infinity : countWords(text);
}

/**
 * The pieces of a text, none larger than the given size: code, tables and lists as a whole where they are small
 * enough, and by their lines otherwise; other paragraphs by their sentences. Together they are the text, with one
 * empty line where there were several.
 */
export function* textUnits(text: string, maxSize: number): Generator<TextUnit> {
  for (const block of blocksOf(text.replaceAll(EMPTY_LINES, "\n\n"))) {
    if (isLaidOut(block)) {
      yield* unitsOf(block, maxSize, [atLines, atSentences, atSpaces, atCharacters]);
      continue;
    }
    for (const sentence of atSentences(block)) {
      yield* unitsOf(sentence, maxSize, [atLines, atSpaces, atCharacters]);
    }
  }
}

function* unitsOf(text: string, maxSize: number, cuts: readonly Cut[]): Generator<TextUnit> {
  const size = sizeOf(text, maxSize);
  const [cut, ...finerCuts] = cuts;
  if (size <= maxSize || !cut) yield { text, size };
  else for (const piece of cut(text)) yield* unitsOf(piece, maxSize, finerCuts);
}

const FENCE = /^[ \t]*(?:```|~~~)/gm;

/** Paragraphs, and code between fences with the empty lines in it. */
function* blocksOf(text: string): Generator<string> {
  let block: string[] = [];
  let isInFence = false;
  for (const paragraph of atEmptyLines(text)) {
    block.push(paragraph);
    if ((paragraph.match(FENCE)?.length ?? 0) % 2 === 1) isInFence = !isInFence;
    if (isInFence) continue;
    yield block.join("");
    block = [];
  }
  if (block.length > 0) yield block.join("");
}

const FENCE_OR_ITEM = /^[ \t]*(?:```|~~~|[-*+•][ \t]|\d{1,9}[.)][ \t])/;

/** Whether it is code, a table or a list: what is not filled like a paragraph. */
function isLaidOut(block: string): boolean {
  if (FENCE_OR_ITEM.test(block) || block.includes("\n  ") || block.includes("\n\t")) return true;
  const [first = "", second = ""] = block.split("\n", 2);
  return first.includes("|") && second.includes("|");
}

function cutAfter(end: RegExp): Cut {
  return function* (text) {
    let from = 0;
    for (const { 0: found, index } of text.matchAll(end)) {
      yield text.slice(from, index + found.length);
      from = index + found.length;
    }
    if (from < text.length) yield text.slice(from);
  };
}
