import type { Part, ReadDocument, Section } from "./document.ts";
import { sizeOfJoined, type TextUnit, textUnits, wordsWithin } from "./text-units.ts";

/** In words as the index counts them. Larger sections bury what is asked for, and fill the model's window. */
const MAX_SIZE = 180;
/** How much of the section before it a section repeats, so that no thought is cut in two. */
const OVERLAP = 36;
/** The last section of a part repeats more, rather than have only a few words. */
const LEAST_SIZE = 90;

export interface CutDocument {
  readonly sections: readonly Section[];
  /** Whether there was more than the most sections. */
  readonly isCutOff: boolean;
}

/**
 * Cuts a document into passages of at most 180 words: at headings, and in longer parts at ends of sentences
 * with an overlap of a fifth. Code, tables and lists stay whole where they fit.
 */
export function cutSections({ title, parts }: ReadDocument, maxSections: number): CutDocument {
  const sections: Section[] = [];
  for (const part of joinSmall(parts)) {
    const heading = headingOf(part, title);
    for (const text of cutText(part.text)) {
      if (sections.length === maxSections) return { sections, isCutOff: true };
      sections.push({ heading, anchor: part.anchor, text });
    }
  }
  return { sections, isCutOff: false };
}

/** The headings without the one that is the document's title, which is shown before them anyway. */
function headingOf({ path }: Part, title: string): string {
  const isTitle = path[0]?.trim().toLowerCase() === title.trim().toLowerCase();
  return (isTitle ? path.slice(1) : path).join(" › ");
}

/** Joins parts that follow each other under the same headings, as long as they fit into one section. */
function* joinSmall(parts: readonly Part[]): Generator<Part> {
  let last: Part | undefined;
  // Words are counted once: a page may have hundreds of thousands of parts.
  let words = 0;
  for (const part of parts) {
    const ownWords = wordsWithin(part.text, MAX_SIZE);
    if (last && hasPathOf(last, part)) {
      const text = `${last.text.trimEnd()}\n\n${part.text}`;
      if (sizeOfJoined(text.length, words + ownWords) <= MAX_SIZE) {
        last = { ...last, text };
        words += ownWords;
        continue;
      }
    }
    if (last) yield last;
    last = part;
    words = ownWords;
  }
  if (last) yield last;
}

function hasPathOf({ path }: Part, other: Part): boolean {
  return path.length === other.path.length && path.every((heading, n) => heading === other.path[n]);
}

function* cutText(text: string): Generator<string> {
  let before: readonly TextUnit[] = [];
  let section: TextUnit[] = [];
  let size = 0;
  let freshSize = 0;
  for (const unit of textUnits(text, MAX_SIZE)) {
    if (freshSize > 0 && size + unit.size > MAX_SIZE) {
      yield* written(section);
      before = section;
      section = endOf(before, Math.min(OVERLAP, MAX_SIZE - unit.size));
      size = sizeOfAll(section);
      freshSize = 0;
    }
    section.push(unit);
    size += unit.size;
    freshSize += unit.size;
  }
  if (before.length > 0 && size < LEAST_SIZE) {
    const fresh = endOf(section, freshSize);
    section = [...endOf(before, LEAST_SIZE - freshSize), ...fresh];
  }
  yield* written(section);
}

/** The last pieces that fit into the given size together. */
function endOf(units: readonly TextUnit[], maxSize: number): TextUnit[] {
  let size = 0;
  const from = units.findLastIndex((unit) => (size += unit.size) > maxSize);
  return units.slice(from + 1);
}

function sizeOfAll(units: readonly TextUnit[]): number {
  return units.reduce((sum, { size }) => sum + size, 0);
}

function* written(units: readonly TextUnit[]): Generator<string> {
  const text = units.map((unit) => unit.text).join("");
  // Spaces at the beginning stay: they are the indentation of code.
  const withoutEmptyLines = text.replace(/^(?:[ \t]*\n)+/, "").trimEnd();
  if (withoutEmptyLines !== "") yield withoutEmptyLines;
}
