import type { StoredSection } from "../store/knowledge-store.ts";
import { textUnits } from "../text/text-units.ts";
import { countWords } from "../text/words.ts";
import type { Passage } from "./ground-question.ts";

const MAX_SECTIONS = 8;
/** So that one long page does not hide the others. */
const MAX_OF_A_DOCUMENT = 3;
/** What two sections have in common is shorter only by chance. In characters. */
const LEAST_OVERLAP = 8;

/** A passage with the sections that it is made of. */
export interface ChosenPassage extends Passage {
  readonly sectionIds: readonly number[];
}

/**
 * Takes the best sections that fit into so many words, at most eight, and three of a document. Sections that
 * follow each other under one heading become one passage. The best passage comes first.
 */
export function chooseSections(
  ranked: readonly StoredSection[],
  maxWords: number,
): ChosenPassage[] {
  const chosen: StoredSection[] = [];
  const texts = new Set<string>();
  let words = 0;
  for (const section of ranked) {
    if (chosen.length === MAX_SECTIONS) break;
    const size = countWords(section.text);
    const ofDocument = chosen.filter(({ documentId }) => documentId === section.documentId);
    // The same text may stand on several pages.
    if (ofDocument.length === MAX_OF_A_DOCUMENT || texts.has(section.text)) continue;
    if (words + size > maxWords) continue;
    chosen.push(section);
    texts.add(section.text);
    words += size;
  }
  const [best] = ranked;
  if (chosen.length > 0 || best === undefined) return joinNeighbours(chosen);
  const text = beginningOf(best.text, maxWords);
  return text === "" ? [] : joinNeighbours([{ ...best, text }]);
}

function beginningOf(text: string, maxWords: number): string {
  let beginning = "";
  for (const unit of textUnits(text, maxWords)) {
    if (countWords(beginning + unit.text) > maxWords) break;
    beginning += unit.text;
  }
  return beginning.trimEnd();
}

function joinNeighbours(chosen: readonly StoredSection[]): ChosenPassage[] {
  const left = new Set(chosen);
  const passages: ChosenPassage[] = [];
  for (const section of chosen) {
    if (!left.has(section)) continue;
    let [first, last] = [section, section];
    const run = [section];
    for (let next; (next = neighbour(left, last, 1)); last = next) run.push(next);
    for (let next; (next = neighbour(left, first, -1)); first = next) run.unshift(next);
    for (const each of run) left.delete(each);
    passages.push({
      ...first,
      text: run.map(({ text }) => text).reduce(joinOverlapping),
      sectionIds: run.map(({ id }) => id),
    });
  }
  return passages;
}

function neighbour(
  sections: ReadonlySet<StoredSection>,
  { documentId, position, heading }: StoredSection,
  step: 1 | -1,
): StoredSection | undefined {
  for (const each of sections) {
    const isNeighbour = each.documentId === documentId && each.position === position + step;
    if (isNeighbour && each.heading === heading) return each;
  }
  return undefined;
}

/** A section repeats the end of the one before it. */
function joinOverlapping(before: string, after: string): string {
  for (let length = Math.min(before.length, after.length); length >= LEAST_OVERLAP; length--) {
    if (before.endsWith(after.slice(0, length))) return before + after.slice(length);
  }
  return `${before}\n\n${after}`;
}
