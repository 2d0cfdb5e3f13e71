import type { HistoryMessage } from "../conversation/records.ts";
import type { KnowledgeStore, StoredSection } from "../store/knowledge-store.ts";
import { QuestionMatcher } from "../text/matches.ts";
import type { Span } from "../text/words.ts";
import { chooseSections, type ChosenPassage } from "./choose-sections.ts";
import { questionTexts } from "./question-texts.ts";

/** How many of the best sections are looked at: enough to leave some out. */
const CANDIDATES = 40;

export interface RetrievalDeps {
  readonly store: Pick<KnowledgeStore, "searchKnowledge" | "readSections">;
}

/** A section that fits a question, for somebody who wants to know why. */
export interface ExplainedSection extends StoredSection {
  readonly score: number;
  /** Whether the model would be given it. If not, others were better or it did not fit. */
  readonly isGiven: boolean;
  /** Where words of the question stand. */
  readonly matches: {
    readonly title: readonly Span[];
    readonly heading: readonly Span[];
    readonly text: readonly Span[];
  };
}

/** Finds what the owner's pages say about a question. */
export class Retrieval {
  readonly #deps: RetrievalDeps;

  constructor(deps: RetrievalDeps) {
    this.#deps = deps;
  }

  /** The passages for the newest question of a history, the best first, of at most so many words together. */
  async findPassages(
    history: readonly HistoryMessage[],
    words: number,
  ): Promise<readonly ChosenPassage[]> {
    const { sections } = await this.#rank(history);
    return chooseSections(sections, words);
  }

  /** The best sections for the newest question of a history, and which of them the model would be given. */
  async explain(history: readonly HistoryMessage[], words: number): Promise<ExplainedSection[]> {
    const { sections, scores } = await this.#rank(history);
    const given = new Set(chooseSections(sections, words).flatMap((passage) => passage.sectionIds));
    const matcher = new QuestionMatcher(history.at(-1)?.content ?? "");
    return sections.map((section) => ({
      ...section,
      score: scores.get(section.id) ?? 0,
      isGiven: given.has(section.id),
      matches: {
        title: matcher.spansIn(section.title),
        heading: matcher.spansIn(section.heading),
        text: matcher.spansIn(section.text),
      },
    }));
  }

  async #rank(history: readonly HistoryMessage[]) {
    const { store } = this.#deps;
    const found = (await store.searchKnowledge(questionTexts(history))).slice(0, CANDIDATES);
    const sections = found.length === 0 ? [] : await store.readSections(found.map(({ id }) => id));
    return { sections, scores: new Map(found.map(({ id, score }) => [id, score])) };
  }
}
