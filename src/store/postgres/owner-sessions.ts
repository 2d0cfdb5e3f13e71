import type { OwnerSessionStore } from "../store.ts";
import type { Pool } from "./pool.ts";

interface OwnerSessionRow {
  readonly hash: string;
  readonly created_at: number;
  readonly used_at: number;
}

/** Logins of the owner on PostgreSQL. */
export function createOwnerSessions(pool: Pool): OwnerSessionStore {
  return {
    async saveOwnerSession({ hash, createdAt, usedAt }) {
      await pool.query(
        `INSERT INTO owner_sessions (hash, created_at, used_at) VALUES ($1, $2::bigint, $3::bigint)
         ON CONFLICT DO NOTHING`,
        [hash, createdAt, usedAt],
      );
    },

    async touchOwnerSession(hash, usedAt) {
      const { count } = await pool.query(
        "UPDATE owner_sessions SET used_at = greatest(used_at, $2::bigint) WHERE hash = $1",
        [hash, usedAt],
      );
      return count > 0;
    },

    async findOwnerSession(hash) {
      const [row] = await pool.query<OwnerSessionRow>(
        `SELECT hash, created_at::float8 AS created_at, used_at::float8 AS used_at
         FROM owner_sessions WHERE hash = $1`,
        [hash],
      );
      return row && { hash, createdAt: row.created_at, usedAt: row.used_at };
    },

    async deleteOwnerSession(hash) {
      await pool.query("DELETE FROM owner_sessions WHERE hash = $1", [hash]);
    },

    async deleteOwnerSessions({ createdAt, usedAt }) {
      await pool.query(
        "DELETE FROM owner_sessions WHERE created_at < $1::bigint OR used_at < $2::bigint",
        [createdAt, usedAt],
      );
    },
  };
}
