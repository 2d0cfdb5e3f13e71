import type { Database } from "bun:sqlite";

import type { Term } from "../../text/terms.ts";

/** FTS5 counts by reading all entries of a term, which takes a millisecond for 20,000 of them. */
const KEPT_FROM = 200;
const MAX_KEPT = 5000;

/** How many entries of the body's index a term has. Counts of frequent terms are kept until something changes. */
export class TermCounts {
  readonly #queries: ReturnType<typeof prepare>;
  readonly #kept = new Map<string, number>();
  #version: number | undefined;

  constructor(db: Database) {
    db.run(
      "CREATE VIRTUAL TABLE IF NOT EXISTS temp.knowledge_terms USING fts5vocab('main', 'knowledge_body', 'row')",
    );
    this.#queries = prepare(db);
  }

  /** Call it after each change of the index by this connection. */
  forget(): void {
    this.#kept.clear();
  }

  /** Call it before a search: another process may have changed the index. */
  refresh(): void {
    const version = this.#queries.version.get()?.data_version;
    if (version !== this.#version) this.forget();
    this.#version = version;
  }

  of(term: Term): number {
    const key = `${term.text}${term.isBeginning ? "*" : ""}`;
    const kept = this.#kept.get(key);
    if (kept !== undefined) return kept;
    const count = this.#read(term);
    if (count >= KEPT_FROM) {
      if (this.#kept.size >= MAX_KEPT) this.forget();
      this.#kept.set(key, count);
    }
    return count;
  }

  #read({ text, isBeginning }: Term): number {
    const row = isBeginning
      ? this.#queries.beginning.get(text, `${text}\u{10ffff}`)
      : this.#queries.word.get(text);
    return row?.count ?? 0;
  }
}

function prepare(db: Database) {
  return {
    // Changes when another connection has written.
    version: db.query<{ data_version: number }, []>("PRAGMA data_version"),
    word: db.query<{ count: number }, [string]>(
      "SELECT doc AS count FROM knowledge_terms WHERE term = ?",
    ),
    beginning: db.query<{ count: number | null }, [string, string]>(
      "SELECT sum(doc) AS count FROM knowledge_terms WHERE term >= ? AND term < ?",
    ),
  };
}
