import type { Database } from "bun:sqlite";

import { turnOfItsOwn } from "../../runtime/event-loop-turn.ts";
import { ANALYZER, wordsOf } from "../../text/words.ts";
import { MAX_FOUND, type RankedSection, type SearchText } from "../knowledge-store.ts";
import { type KnowledgeQuery, knowledgeQuery } from "./knowledge-query.ts";
import { TermCounts } from "./term-counts.ts";

/** A section as it is indexed. */
export interface IndexedSection {
  readonly id: number;
  /** Of its document. */
  readonly title: string;
  readonly heading: string;
  readonly text: string;
}

/** The words of a section, as the two tables have them. */
export interface SectionWords {
  readonly head: string;
  readonly body: string;
  /** How many words its text has. */
  readonly count: number;
}

/** About 70 µs for a section of 180 words. */
export function wordsOfSection({ title, heading, text }: Omit<IndexedSection, "id">): SectionWords {
  const head = wordsOf(`${title} ${heading}`).join(" ");
  const words = wordsOf(text);
  return { head, body: `${head} ${words.join(" ")}`, count: words.length };
}

/** Returns the sections that are searched, with ids up to the given one, the highest first. */
type ReadSections = (through: number, limit: number) => readonly IndexedSection[];

/** How much the words of title and headings count beside those of the text. */
const HEAD_WEIGHT = 0.7;
/** About 2 ms of work. */
const REBUILD_SECTIONS = 20;
/** How many pages of the index a step of a merge writes: about 2 ms of work. */
const MERGE_PAGES = 16;
const TABLES = ["knowledge_head", "knowledge_body"] as const;

interface State {
  readonly analyzer: string;
  readonly through: number;
  readonly merge: "none" | "due" | "going";
}

/**
 * Finds sections by their words. It works on the tables of KNOWLEDGE_INDEX_SCHEMA in the given database. All
 * that writes belongs into a transaction of the caller.
 */
export class KnowledgeIndex {
  readonly #db: Database;
  readonly #readSections: ReadSections;
  readonly #hidden: () => readonly number[];
  readonly #counts: TermCounts;
  readonly #queries: ReturnType<typeof prepare>;

  /** @param hidden returns the sections that are in the index and may not be found, which are none mostly */
  constructor(
    db: Database,
    readSections: ReadSections,
    hidden: () => readonly number[] = () => [],
  ) {
    this.#db = db;
    this.#readSections = readSections;
    this.#hidden = hidden;
    this.#counts = new TermCounts(db);
    this.#queries = prepare(db);
  }

  /**
   * @param words the section's own, where they were made before the transaction
   * @throws when a section with this id is there
   */
  add(section: IndexedSection, words: SectionWords = wordsOfSection(section)): void {
    // Before the first section there is nothing to make anew.
    if (this.#state().analyzer === "") this.#queries.setAnalyzer.run(ANALYZER);
    if (words.head !== "") this.#queries.addHead.run(section.id, words.head);
    this.#queries.addBody.run(section.id, words.body);
    this.#counts.forget();
  }

  /**
   * Merges some of what was added, so that searches stay fast. Call it after up to some forty sections, in their
   * transaction: less than 3 ms of work.
   */
  mergeAdded(): void {
    for (const table of TABLES) this.#merge(table, MERGE_PAGES);
  }

  /** Does nothing when the section is not there. */
  remove(id: number): void {
    this.#queries.removeHead.run(id);
    this.#queries.removeBody.run(id);
    this.#queries.setMerge.run("due");
    this.#counts.forget();
  }

  /**
   * The best sections for the texts together, the best first, at most MAX_FOUND. It blocks the event loop for
   * one text at a time.
   */
  async search(texts: readonly SearchText[]): Promise<RankedSection[]> {
    const scores = new Map<number, number>();
    for (const { text, weight, maxPostings } of texts) {
      await turnOfItsOwn();
      for (const { id, score } of this.#find(text, maxPostings)) {
        scores.set(id, (scores.get(id) ?? 0) + weight * score);
      }
    }
    return bestOf(scores);
  }

  /** Takes one short step of what is to be done. Call it until it is done. */
  tend(): { readonly isDone: boolean } {
    const { analyzer, through, merge } = this.#state();
    if (analyzer !== "" && analyzer !== ANALYZER) this.#beginRebuild();
    else if (through > 0) this.#rebuildStep(through);
    else if (merge !== "none") this.#mergeStep(merge);
    else return { isDone: true };
    return { isDone: false };
  }

  /** How much of the index is there, from 0 to 1, estimated by the sections' ids. */
  get builtShare(): number {
    const { through } = this.#state();
    if (through === 0) return 1;
    const [newest] = this.#readSections(Number.MAX_SAFE_INTEGER, 1);
    return newest === undefined ? 1 : Math.max(0, 1 - through / newest.id);
  }

  #state(): State {
    const state = this.#queries.state.get();
    if (!state) throw new Error("The table knowledge_index has lost its row.");
    return state;
  }

  get #size(): number {
    return this.#queries.size.get()?.size ?? 0;
  }

  #find(text: string, maxPostings: number): RankedSection[] {
    const size = this.#size;
    if (size === 0) return [];
    this.#counts.refresh();
    const query = knowledgeQuery(text, {
      size,
      maxPostings,
      countOf: (term) => this.#counts.of(term),
    });
    return query.rare === "" ? [] : this.#score(query);
  }

  #score({ rare, frequent }: KnowledgeQuery): RankedSection[] {
    const scores = new Map(this.#queries.scoreBodies.values(rare));
    if (frequent !== "") {
      const found = this.#queries.scoreBodies.values(`(${rare}) AND (${frequent})`);
      for (const [id, score] of found) scores.set(id, score);
    }
    const all = frequent === "" ? rare : `${rare} OR ${frequent}`;
    for (const [id, score] of this.#queries.scoreHeads.values(all)) {
      scores.set(id, (scores.get(id) ?? 0) + HEAD_WEIGHT * score);
    }
    for (const id of this.#hidden()) scores.delete(id);
    return bestOf(scores);
  }

  #beginRebuild(): void {
    this.#empty();
    const [newest] = this.#readSections(Number.MAX_SAFE_INTEGER, 1);
    this.#queries.setAnalyzer.run(ANALYZER);
    this.#queries.setThrough.run(newest?.id ?? 0);
  }

  #empty(): void {
    for (const table of TABLES) {
      this.#db.run(`INSERT INTO ${table} (${table}) VALUES ('delete-all')`);
    }
    this.#queries.setMerge.run("none");
    this.#counts.forget();
  }

  #rebuildStep(through: number): void {
    const sections = this.#readSections(through, REBUILD_SECTIONS);
    // In rising order: FTS5 flushes its buffer whenever the ids within a transaction do not rise.
    for (const section of sections.toReversed()) {
      if (this.#queries.has.get(section.id) === null) this.add(section);
    }
    this.mergeAdded();
    this.#queries.setThrough.run((sections.at(-1)?.id ?? 1) - 1);
  }

  /** A negative number of pages begins to merge everything; the following steps go on with it. */
  #mergeStep(merge: "due" | "going"): void {
    // A merge of deleted sections writes nothing, so that nothing would bound it.
    if (this.#size === 0) return this.#empty();
    const pages = merge === "due" ? -MERGE_PAGES : MERGE_PAGES;
    const before = this.#changes();
    for (const table of TABLES) this.#merge(table, pages);
    // One change for each table is the command itself.
    const isMerged = this.#changes() - before <= TABLES.length;
    this.#queries.setMerge.run(isMerged ? "none" : "going");
  }

  #merge(table: (typeof TABLES)[number], pages: number): void {
    this.#db.run(`INSERT INTO ${table} (${table}, rank) VALUES ('merge', ${pages})`);
  }

  #changes(): number {
    return this.#queries.changes.get()?.changes ?? 0;
  }
}

/** The best first; among equals the oldest section, so that every replica finds the same. */
function bestOf(scores: ReadonlyMap<number, number>): RankedSection[] {
  return Array.from(scores, ([id, score]) => ({ id, score }))
    .toSorted((a, b) => b.score - a.score || a.id - b.id)
    .slice(0, MAX_FOUND);
}

function prepare(db: Database) {
  return {
    state: db.query<State, []>("SELECT analyzer, through, merge FROM knowledge_index"),
    setAnalyzer: db.query<never, [string]>("UPDATE knowledge_index SET analyzer = ?"),
    setThrough: db.query<never, [number]>("UPDATE knowledge_index SET through = ?"),
    setMerge: db.query<never, [string]>("UPDATE knowledge_index SET merge = ?"),
    addHead: db.query<never, [number, string]>(
      "INSERT INTO knowledge_head (rowid, words) VALUES (?, ?)",
    ),
    addBody: db.query<never, [number, string]>(
      "INSERT INTO knowledge_body (rowid, words) VALUES (?, ?)",
    ),
    removeHead: db.query<never, [number]>("DELETE FROM knowledge_head WHERE rowid = ?"),
    removeBody: db.query<never, [number]>("DELETE FROM knowledge_body WHERE rowid = ?"),
    has: db.query<{ id: number }, [number]>("SELECT id FROM knowledge_body_docsize WHERE id = ?"),
    size: db.query<{ size: number }, []>("SELECT count(*) AS size FROM knowledge_body_docsize"),
    changes: db.query<{ changes: number }, []>("SELECT total_changes() AS changes"),
    scoreHeads: scoring(db, "knowledge_head"),
    scoreBodies: scoring(db, "knowledge_body"),
  };
}

/** Rows of a section's id and its score. */
function scoring(db: Database, table: (typeof TABLES)[number]) {
  const statement = db.query<{ readonly id: number; readonly score: number }, [string]>(
    `SELECT rowid AS id, -bm25(${table}) AS score FROM ${table} WHERE ${table} MATCH ?`,
  );
  return { values: (expression: string) => statement.values(expression) as [number, number][] };
}
