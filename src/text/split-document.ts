import { cutSections } from "./cut-sections.ts";
import type { Part, ReadDocument } from "./document.ts";

/**
 * Splits a document into several of at most so many sections each, between its parts, and within one that is longer
 * alone. Each has the title of the whole. One that is short enough stays as it is. Takes steps, each of which cuts at
 * most so many sections, so that others can work between two of them.
 */
export function* splitDocument(
  document: ReadDocument,
  maxSections: number,
): Generator<undefined, ReadDocument[]> {
  if (!cutSections(document, maxSections).isCutOff) return [document];
  const groups: Part[][] = [];
  let room = 0;
  for (const whole of document.parts) {
    for (const { part, size } of yield* piecesOf(whole, maxSections)) {
      if (size > room || groups.length === 0) {
        groups.push([]);
        room = maxSections;
      }
      groups.at(-1)?.push(part);
      room -= size;
    }
  }
  return groups.map((parts) => ({ ...document, parts }));
}

interface SizedPart {
  readonly part: Part;
  /** In sections. Together with others it has no more of them. */
  readonly size: number;
}

/** Halves a part at the end of a line, of a word, or anywhere, until each piece is short enough. */
function* piecesOf(part: Part, maxSections: number): Generator<undefined, SizedPart[]> {
  yield;
  const { text } = part;
  const alone = { title: "", lang: undefined, parts: [part] };
  const { sections, isCutOff } = cutSections(alone, maxSections);
  if (!isCutOff || text.length < 2) return [{ part, size: sections.length }];
  const at = middleOf(text);
  const before = yield* piecesOf({ ...part, text: text.slice(0, at) }, maxSections);
  const after = yield* piecesOf({ ...part, text: text.slice(at) }, maxSections);
  return [...before, ...after];
}

function middleOf(text: string): number {
  const middle = Math.floor(text.length / 2);
  const end = [text.lastIndexOf("\n", middle), text.lastIndexOf(" ", middle)].find(
    (at) => at > middle / 2,
  );
  if (end !== undefined) return end + 1;
  // Not between the two halves of a character.
  return /[\ud800-\udbff]/.test(text[middle - 1] ?? "") ? middle + 1 : middle;
}
