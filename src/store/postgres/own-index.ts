import type { DerivedIndex } from "../derived-index.ts";
import type { KnowledgeSize, RankedSection, SearchText } from "../knowledge-store.ts";
import type { Pool } from "./pool.ts";

/** How many documents, and of how many sections, are fetched at once. One document may have more. */
const PAGE = { documents: 100, sections: 400 };
/** A turn waits for it. Then what is there is searched, also during the seconds in which a new process fills its index. */
const SEARCH_WAIT_MS = 150;
/** The pause between two times that the others' changes are fetched without a search. */
const PAUSE_MS = 1000;
/** What is said of an index that has as many sections as the database and lacks a change. */
const ALMOST = 0.99;

/**
 * The documents that changed after a place in the order of the changes, the first ones, and figures of the same
 * moment. A document that is not searched is returned, too, if it changed.
 */
const CHANGES = `WITH changed AS MATERIALIZED (
    SELECT d.id, d.version, d.title, d.sections, d.status = 'ok' AND source.is_removed = 0 AS "isSearched"
    FROM knowledge_documents AS d JOIN knowledge_sources AS source ON source.id = d.source_id
    WHERE (d.version, d.id) > ($1::bigint, $2::bigint) AND d.version > 0
    ORDER BY d.version, d.id LIMIT ${PAGE.documents}
  ), page AS (
    SELECT *, sum(sections) OVER (ORDER BY version, id) - sections AS before FROM changed
  )
  SELECT coalesce((SELECT version FROM knowledge_state), 0)::float8 AS version,
    (SELECT count(*) FROM changed)::integer AS changed,
    (SELECT json_agg(json_build_object('id', id, 'version', version, 'title', title, 'isSearched', "isSearched",
        'sections', CASE WHEN "isSearched" THEN (
          SELECT coalesce(json_agg(json_build_object('id', s.id, 'heading', s.heading, 'text', s.text)
            ORDER BY s.position), '[]')
          FROM knowledge_sections AS s WHERE s.document_id = page.id
        ) ELSE '[]' END) ORDER BY version, id)
      FROM page WHERE before < ${PAGE.sections}) AS documents,
    kept.*
  FROM (
    SELECT count(*) FILTER (WHERE d.sections > 0)::integer AS "keptDocuments",
      coalesce(sum(d.sections), 0)::float8 AS "keptSections", coalesce(sum(d.words), 0)::float8 AS "keptWords",
      count(*) FILTER (WHERE d.status = 'ok' AND source.is_removed = 0)::integer AS "searchedDocuments",
      coalesce(sum(d.sections) FILTER (WHERE d.status = 'ok' AND source.is_removed = 0), 0)::float8
        AS "searchedSections"
    FROM knowledge_documents AS d JOIN knowledge_sources AS source ON source.id = d.source_id
  ) AS kept`;

interface ChangedDocument {
  readonly id: number;
  readonly version: number;
  readonly title: string;
  readonly isSearched: boolean;
  readonly sections: readonly {
    readonly id: number;
    readonly heading: string;
    readonly text: string;
  }[];
}

interface ChangesRow {
  readonly version: number;
  /** How many have changed, of which those with too many sections are not in `documents`. */
  readonly changed: number;
  readonly documents: readonly ChangedDocument[] | null;
  readonly keptDocuments: number;
  readonly keptSections: number;
  readonly keptWords: number;
  readonly searchedDocuments: number;
  readonly searchedSections: number;
}

const SIZE = `SELECT count(*) FILTER (WHERE sections > 0)::integer AS documents,
    coalesce(sum(sections), 0)::float8 AS sections, coalesce(sum(words), 0)::float8 AS words
  FROM knowledge_documents`;

const SEARCHED = `SELECT d.id::float8 AS id FROM knowledge_documents AS d
  JOIN knowledge_sources AS source ON source.id = d.source_id
  WHERE d.status = 'ok' AND source.is_removed = 0`;

interface OwnIndexParts {
  readonly pool: Pool;
  readonly makeIndex: () => Promise<DerivedIndex>;
  /** How long a search waits for what the index lacks. */
  readonly searchWaitMs?: number | undefined;
}

/**
 * This replica's index of what all replicas know. Every change has a version, and a higher one is seen later. So the
 * index remembers how far it is, and fetches what changed after that. Documents that are gone are noticed by their
 * number.
 */
export class OwnIndex {
  readonly #parts: OwnIndexParts;
  #making: Promise<DerivedIndex> | undefined;
  /** The newest version that is known to exist. Undefined: nobody says so, and each search has to look. */
  #announced: number | undefined;
  /** The newest version of a change that this process has made. */
  #own = 0;
  /** The place in the order of the changes up to which the index has them. */
  #place = { version: 0, id: 0 };
  /** What the database had when the index was complete last. */
  #newest: ChangesRow | undefined;
  #catchingUp: Promise<void> | undefined;
  #timer: Timer | undefined;
  #isClosed = false;

  constructor(parts: OwnIndexParts) {
    this.#parts = parts;
  }

  /** Call it every second with the version that the database has. */
  notice(version: number): void {
    this.#announced = version;
    if (this.#isBehind) this.#catchUpLater();
  }

  /** Call it when this process has made a version. The next search finds what it has changed. */
  changed(version: number): void {
    this.#own = Math.max(this.#own, version);
  }

  async search(texts: readonly SearchText[]): Promise<readonly RankedSection[]> {
    await this.#catchUpInTime();
    if (this.#making === undefined) return [];
    return (await this.#making).search(texts);
  }

  async size(): Promise<KnowledgeSize> {
    if (this.#announced === 0 && this.#own === 0) return { documents: 0, sections: 0, words: 0 };
    const newest = this.#newest;
    if (this.#announced !== undefined && newest !== undefined && newest.version >= this.#own) {
      const { keptDocuments, keptSections, keptWords } = newest;
      return { documents: keptDocuments, sections: keptSections, words: keptWords };
    }
    const [size] = await this.#parts.pool.query<KnowledgeSize>(SIZE);
    if (size === undefined) throw new Error("The size of what is known could not be read.");
    return size;
  }

  async builtShare(): Promise<number> {
    await this.#catchUpInTime();
    if (this.#catchingUp === undefined && this.#newest !== undefined) return 1;
    const { searchedSections } = await this.#look();
    const share = (await this.#sectionsHere()) / Math.max(1, searchedSections);
    return Math.min(ALMOST, share);
  }

  async tend(): Promise<{ readonly isDone: boolean }> {
    return (await this.#making)?.tend() ?? { isDone: true };
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    void this.#making?.then((index) => index.close());
  }

  get #isBehind(): boolean {
    const known = Math.max(this.#announced ?? 0, this.#own);
    return this.#newest === undefined ? known > 0 : known > this.#newest.version;
  }

  #catchUpLater(): void {
    if (this.#timer !== undefined || this.#isClosed) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      // The database may be away. The next beat asks for it again.
      void this.#catchUp().catch(() => undefined);
    }, PAUSE_MS).unref();
  }

  async #catchUpInTime(): Promise<void> {
    if (!this.#isBehind && this.#announced !== undefined) return;
    const { promise: late, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, this.#parts.searchWaitMs ?? SEARCH_WAIT_MS);
    // What is there is searched, also while the database is away.
    await Promise.race([this.#catchUp().catch(() => undefined), late]);
    clearTimeout(timer);
  }

  #catchUp(): Promise<void> {
    this.#catchingUp ??= this.#fetchAll().finally(() => {
      this.#catchingUp = undefined;
    });
    return this.#catchingUp;
  }

  async #fetchAll(): Promise<void> {
    for (let before: number | undefined; !this.#isClosed;) {
      const row = await this.#look();
      const documents = row.documents ?? [];
      await this.#take(documents);
      if (documents.length < row.changed || row.changed === PAGE.documents) continue;
      if (!(await this.#isComplete(row))) {
        if (before === row.version) return;
        before = row.version;
        await this.#beginAnew();
        continue;
      }
      this.#newest = row;
      // What came meanwhile is fetched, too. If nothing has come, the newest versions do not exist any more.
      if (!this.#isBehind) return;
      if (before === row.version) this.#own = 0;
      if (before === row.version) return;
      before = row.version;
    }
  }

  async #look(): Promise<ChangesRow> {
    const { version, id } = this.#place;
    const [row] = await this.#parts.pool.query<ChangesRow>(CHANGES, [version, id]);
    if (row === undefined) throw new Error("The changes could not be read.");
    return row;
  }

  async #take(documents: readonly ChangedDocument[]): Promise<void> {
    if (documents.length === 0) return;
    this.#making ??= this.#parts.makeIndex();
    const index = await this.#making;
    for (const { version, isSearched, ...document } of documents) {
      if (isSearched) await index.put(document);
      else await index.remove(document.id);
      this.#place = { version, id: document.id };
    }
  }

  /** Drops the documents that are gone. Returns false when the index lacks some, though it has every change. */
  async #isComplete({ version, searchedDocuments }: ChangesRow): Promise<boolean> {
    const index = await this.#making;
    const size = index?.documents.size ?? 0;
    if (version < this.#place.version || size < searchedDocuments) return false;
    if (index === undefined || size === searchedDocuments) return true;
    const rows = await this.#parts.pool.query<{ id: number }>(SEARCHED);
    const there = new Set(rows.map(({ id }) => id));
    for (const id of index.documents.keys()) if (!there.has(id)) await index.remove(id);
    return true;
  }

  /** The database was put back to an earlier state, in which the same numbers may stand for other sections. */
  async #beginAnew(): Promise<void> {
    this.#place = { version: 0, id: 0 };
    const index = await this.#making;
    for (const id of index?.documents.keys() ?? []) await index?.remove(id);
  }

  async #sectionsHere(): Promise<number> {
    let sections = 0;
    for (const ids of (await this.#making)?.documents.values() ?? []) sections += ids.length;
    return sections;
  }
}
