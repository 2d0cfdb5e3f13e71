import type { Database } from "bun:sqlite";

import { turnOfItsOwn } from "../../runtime/event-loop-turn.ts";
import { MINUTE_MS } from "../../runtime/time.ts";
import type { Section } from "../../text/document.ts";
import type { GroupCommit } from "./group-commit.ts";
import {
  type IndexedSection,
  KnowledgeIndex,
  type SectionWords,
  wordsOfSection,
} from "./knowledge-index.ts";

/** Bounds the time that a step blocks the event loop: about 3 ms for sections of 180 words. */
const STEP_SECTIONS = 40;
/** How many sections get their words before other work has its turn: about 2 ms. */
const WORDS_AT_ONCE = 25;
/** So long an edition may take to be stored, which takes a second on a busy machine. Then it counts as left over. */
const PATIENCE_MS = MINUTE_MS;
/** How often it is stored anew when it has taken longer. */
const MAX_TRIES = 3;

/** The sections of a document that are to be stored. */
interface NewEdition {
  readonly title: string;
  readonly sections: readonly Section[];
  /** Whether they are searched. */
  readonly isIndexed: boolean;
}

interface PreparedEdition extends NewEdition {
  readonly words: readonly SectionWords[];
}

type Finish<Result> = (editionId: number, words: number) => Result;

function prepare(db: Database) {
  return {
    open: db.query<{ id: number }, [number, number]>(
      "INSERT INTO knowledge_editions (is_indexed, stored_until) VALUES (?, ?) RETURNING id",
    ),
    giveUp: db.query<null, [number]>(
      "UPDATE knowledge_editions SET stored_until = NULL WHERE id = ?",
    ),
    storing: db.query<{ any: number }, [number]>(
      'SELECT EXISTS (SELECT 1 FROM knowledge_editions WHERE document_id IS NULL AND stored_until > ?) AS "any"',
    ),
    addSection: db.query<{ id: number }, [number, number, string, string, string]>(
      `INSERT INTO knowledge_sections (edition_id, position, heading, anchor, text)
       VALUES (?, ?, ?, ?, ?) RETURNING id`,
    ),
    /** Null when the edition is not there any more. */
    size: db.query<{ sections: number }, [number]>(
      `SELECT (SELECT count(*) FROM knowledge_sections WHERE edition_id = e.id) AS sections
       FROM knowledge_editions AS e WHERE id = ?`,
    ),
    release: db.query<null, [number]>(
      "UPDATE knowledge_editions SET document_id = NULL WHERE document_id = ?",
    ),
    attach: db.query<null, [number, number]>(
      "UPDATE knowledge_editions SET document_id = ?, stored_until = NULL WHERE id = ?",
    ),
    /** Parameters: now, limit. */
    leftOver: db.query<{ id: number; is_indexed: number }, [number, number]>(
      `SELECT id, is_indexed FROM knowledge_editions
       WHERE document_id IS NULL AND coalesce(stored_until, 0) <= ? LIMIT ?`,
    ),
    hidden: db.query<{ id: number }, []>(
      `SELECT s.id FROM knowledge_editions AS e JOIN knowledge_sections AS s ON s.edition_id = e.id
       WHERE e.document_id IS NULL AND e.is_indexed = 1
       UNION ALL
       SELECT s.id FROM knowledge_sources AS source
       JOIN knowledge_documents AS d ON d.source_id = source.id
       JOIN knowledge_editions AS e ON e.document_id = d.id AND e.is_indexed = 1
       JOIN knowledge_sections AS s ON s.edition_id = e.id
       WHERE source.is_removed = 1`,
    ),
    sectionsToDelete: db.query<{ id: number }, [number, number]>(
      "SELECT id FROM knowledge_sections WHERE edition_id = ? ORDER BY id LIMIT ?",
    ),
    deleteSection: db.query<null, [number]>("DELETE FROM knowledge_sections WHERE id = ?"),
    deleteEdition: db.query<null, [number]>("DELETE FROM knowledge_editions WHERE id = ?"),
    searched: db.query<IndexedSection, [number, number]>(
      `SELECT s.id, d.title, s.heading, s.text FROM knowledge_sections AS s
       JOIN knowledge_editions AS e ON e.id = s.edition_id AND e.is_indexed = 1
       JOIN knowledge_documents AS d ON d.id = e.document_id
       WHERE s.id <= ? ORDER BY s.id DESC LIMIT ?`,
    ),
  };
}

/**
 * Stores and deletes the sections of documents together with their entries in the index, in short transactions.
 * The sections of one reading are an edition. It gets its document in the last transaction, which also takes it
 * from the edition before. So all sections of a reading are found from one moment on, and none before. Those of an
 * edition without a document are hidden from searches. After a crash, they are deleted like the old ones.
 */
export class KnowledgeEditions {
  readonly index: KnowledgeIndex;
  readonly #writes: GroupCommit;
  readonly #queries: ReturnType<typeof prepare>;

  constructor(db: Database, writes: GroupCommit) {
    this.#writes = writes;
    this.#queries = prepare(db);
    this.index = new KnowledgeIndex(
      db,
      (through, limit) => this.#queries.searched.all(through, limit),
      () => this.#queries.hidden.all().map(({ id }) => id),
    );
  }

  /** Whether an edition is being stored, by any process. Its sections have no document yet. */
  get isStoring(): boolean {
    return this.#queries.storing.get(Date.now())?.any === 1;
  }

  /**
   * Stores an edition, and calls `finish` in the transaction of its last sections. It may call `attach`; otherwise
   * the sections are left over.
   * @param finish gets the number of the edition, and how many words it has
   */
  async store<Result>(edition: NewEdition, finish: Finish<Result>): Promise<Result> {
    const words = await wordsOfAll(edition);
    for (let tries = 0; tries < MAX_TRIES; tries += 1) {
      const stored = await this.#tryToStore({ ...edition, words }, finish);
      if (stored !== undefined) return stored.result;
    }
    throw new Error("The sections could not be stored in time.");
  }

  /** Undefined when it took so long that somebody has deleted the first sections meanwhile. */
  async #tryToStore<Result>(
    { title, sections, words, isIndexed }: PreparedEdition,
    finish: Finish<Result>,
  ): Promise<{ readonly result: Result } | undefined> {
    const wordCount = words.reduce((sum, { count }) => sum + count, 0);
    let editionId = 0;
    const step = (from: number) => {
      if (from === 0) editionId = this.#open(isIndexed);
      if (!this.#isWhole(editionId, from)) return "disturbed";
      for (let at = from; at < Math.min(from + STEP_SECTIONS, sections.length); at += 1) {
        this.#add(editionId, at, { title, sections, words, isIndexed });
      }
      if (isIndexed) this.index.mergeAdded();
      if (from + STEP_SECTIONS < sections.length) return "more";
      const result = finish(editionId, wordCount);
      this.#queries.giveUp.run(editionId);
      return { result };
    };
    for (let from = 0; ; from += STEP_SECTIONS) {
      const done = await this.#writes.write(() => step(from));
      if (done === "disturbed") return undefined;
      if (done !== "more") return done;
    }
  }

  /** Gives a document its sections. Those that it had are deleted later. Call it inside a transaction. */
  attach(editionId: number, documentId: number): void {
    this.release(documentId);
    this.#queries.attach.run(documentId, editionId);
  }

  /** Takes the sections from a document: nobody reads them any more. Call it inside a transaction. */
  release(documentId: number): void {
    this.#queries.release.run(documentId);
  }

  /** Deletes one step's sections that have no document. Call it inside a transaction. Returns false when none are left. */
  deleteStep(): boolean {
    const editions = this.#queries.leftOver.all(Date.now(), STEP_SECTIONS);
    let left = STEP_SECTIONS;
    for (const edition of editions) {
      const sections = this.#queries.sectionsToDelete.all(edition.id, left);
      for (const { id } of sections) {
        if (edition.is_indexed === 1) this.index.remove(id);
        this.#queries.deleteSection.run(id);
      }
      if (sections.length === left) break;
      left -= sections.length;
      this.#queries.deleteEdition.run(edition.id);
    }
    return editions.length > 0;
  }

  #open(isIndexed: boolean): number {
    const until = Date.now() + PATIENCE_MS;
    const opened = this.#queries.open.get(isIndexed ? 1 : 0, until);
    if (opened === null) throw new Error("The sections could not be stored.");
    return opened.id;
  }

  /** After a pause of this process, another one may have deleted what it took for left over by a crash. */
  #isWhole(editionId: number, sections: number): boolean {
    return this.#queries.size.get(editionId)?.sections === sections;
  }

  #add(editionId: number, position: number, edition: PreparedEdition): void {
    const { title, sections, words, isIndexed } = edition;
    const [section, sectionWords] = [sections[position], words[position]];
    if (section === undefined || sectionWords === undefined) return;
    const { heading, anchor, text } = section;
    const added = this.#queries.addSection.get(editionId, position, heading, anchor, text);
    if (added === null) throw new Error("The section could not be stored.");
    if (isIndexed) this.index.add({ id: added.id, title, heading, text }, sectionWords);
  }
}

async function wordsOfAll({ title, sections }: NewEdition): Promise<SectionWords[]> {
  const words: SectionWords[] = [];
  for (const section of sections) {
    if (words.length % WORDS_AT_ONCE === 0) await turnOfItsOwn();
    words.push(wordsOfSection({ ...section, title }));
  }
  return words;
}
