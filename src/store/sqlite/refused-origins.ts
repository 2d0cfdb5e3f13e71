import type { Database } from "bun:sqlite";

import {
  MAX_REFUSED_ORIGINS,
  type RefusedOrigin,
  type RefusedOriginStore,
} from "../refused-origin-store.ts";
import type { GroupCommit } from "./group-commit.ts";

function prepare(db: Database) {
  return {
    note: db.query<null, [string, number, number]>(
      `INSERT INTO refused_origins (origin, count, last_at) VALUES (?, ?, ?)
       ON CONFLICT DO UPDATE SET count = count + excluded.count,
         last_at = max(last_at, excluded.last_at)`,
    ),
    forgetOldest: db.query<null, [number]>(
      `DELETE FROM refused_origins WHERE origin IN (
         SELECT origin FROM refused_origins ORDER BY last_at DESC, origin LIMIT -1 OFFSET ?
       )`,
    ),
    list: db.query<RefusedOrigin, [number]>(
      `SELECT origin, count, last_at AS lastAt FROM refused_origins
       WHERE last_at >= ? ORDER BY last_at DESC, origin`,
    ),
    forget: db.query<null, [string]>("DELETE FROM refused_origins WHERE origin = ?"),
  };
}

/** Websites that were refused, on SQLite. */
export class SqliteRefusedOrigins implements RefusedOriginStore {
  readonly #writes: GroupCommit;
  readonly #queries: ReturnType<typeof prepare>;

  constructor(db: Database, writes: GroupCommit) {
    this.#writes = writes;
    this.#queries = prepare(db);
  }

  async noteRefusedOrigins(refused: readonly RefusedOrigin[]): Promise<void> {
    await this.#writes.write(() => {
      for (const { origin, count, lastAt } of refused) {
        this.#queries.note.run(origin, count, lastAt);
      }
      this.#queries.forgetOldest.run(MAX_REFUSED_ORIGINS);
    });
  }

  async listRefusedOrigins(since: number): Promise<readonly RefusedOrigin[]> {
    return this.#queries.list.all(since);
  }

  async forgetRefusedOrigin(origin: string): Promise<void> {
    await this.#writes.write(() => this.#queries.forget.run(origin));
  }
}
