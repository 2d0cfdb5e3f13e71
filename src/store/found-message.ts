import { parseMarkdown } from "../widget/markdown/parse.ts";
import { plainText } from "../widget/markdown/plain-text.ts";
import type { FoundMessage, TextRange } from "./conversation-store.ts";
import { isBeginning, isUnspaced, searchTokens, type SearchWord } from "./search-words.ts";

/** How many characters of a message a search shows, and how many of them stand before the first word. */
const SHOWN_CHARACTERS = 200;
const CHARACTERS_BEFORE = 60;
/**
 * The words are sought in so much of a message: some 10 ms, which PostgreSQL takes from the event loop. Where they come
 * later, its beginning is shown.
 */
const SOUGHT_CHARACTERS = 10_000;

/** A token of a text, and the part of the text that it was made from. */
interface Piece {
  readonly token: string;
  readonly range: TextRange;
}

/** Letters that stand side by side. */
const RUN = /[\p{L}\p{N}\p{M}\p{Co}]+/gu;
/** A character with the marks on it. */
const CHARACTER = /\P{M}\p{M}*|\p{M}+/gu;

function piecesOf(text: string): Piece[] {
  const pieces: Piece[] = [];
  const add = (part: string, start: number) => {
    const range = [start, start + part.length] as const;
    for (const token of searchTokens(part)) pieces.push({ token, range });
  };
  for (const { 0: run, index } of text.matchAll(RUN)) {
    if (!isUnspaced(run)) add(run, index);
    else
      for (const { 0: character, index: at } of run.matchAll(CHARACTER)) add(character, index + at);
  }
  return pieces;
}

/** Where a text has the words of a search, in the order of the text. A word is marked to its end. */
export function findWords(text: string, words: readonly SearchWord[]): readonly TextRange[] {
  const pieces = piecesOf(text);
  const ranges: TextRange[] = [];
  let free = 0;
  for (const [index, { range }] of pieces.entries()) {
    if (range[0] < free) continue;
    const word = words.find((each) => isAt(pieces, index, each));
    if (word === undefined) continue;
    free = pieces[index + word.length - 1]?.range[1] ?? range[1];
    ranges.push([range[0], free]);
  }
  return ranges;
}

function isAt(pieces: readonly Piece[], index: number, word: SearchWord): boolean {
  return word.every((sought, i) => {
    const found = pieces[index + i]?.token;
    return isBeginning(word, i) ? found?.startsWith(sought) === true : found === sought;
  });
}

/** The part of a message that has the words of a search, with the places of these in it. */
export function excerpt(
  content: string,
  words: readonly SearchWord[],
): Pick<FoundMessage, "text" | "marks"> {
  const source = content.slice(0, SOUGHT_CHARACTERS);
  const plain = oneLine(plainText(parseMarkdown(source)));
  const marks = findWords(plain, words);
  if (marks.length > 0) return cut(plain, marks);
  // The words may be in what is not shown, such as the address of a link.
  const raw = oneLine(source);
  return cut(raw, findWords(raw, words));
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, " ").trim();
}

function cut(text: string, marks: readonly TextRange[]): Pick<FoundMessage, "text" | "marks"> {
  const first = marks[0]?.[0] ?? 0;
  const start = first <= CHARACTERS_BEFORE ? 0 : afterSpace(text, first - CHARACTERS_BEFORE, first);
  const end = Math.min(text.length, start + SHOWN_CHARACTERS);
  const before = start > 0 ? "…" : "";
  const after = end < text.length ? "…" : "";
  const by = before.length - start;
  return {
    text: `${before}${text.slice(start, end).toWellFormed()}${after}`,
    marks: marks.filter((mark) => mark[1] <= end).map((mark) => [mark[0] + by, mark[1] + by]),
  };
}

/** The beginning of the first word after an index; the index itself where a word is too long. */
function afterSpace(text: string, from: number, before: number): number {
  const space = text.indexOf(" ", from);
  return space === -1 || space >= before ? from : space + 1;
}
