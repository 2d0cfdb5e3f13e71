import {
  hoursColumn,
  type SourceCountRow,
  type SourceRow,
  toSource,
  toSummaries,
} from "../knowledge-rows.ts";
import type { SourceStore } from "../knowledge-store.ts";
import type { Pool } from "./pool.ts";

const COLUMNS = `id::float8 AS id, kind, uri, every_hours, only_prefix, ignores_robots,
  created_at::float8 AS created_at, next_at::float8 AS next_at, started_at::float8 AS started_at,
  ended_at::float8 AS ended_at, error`;

const SOURCES = `SELECT ${COLUMNS} FROM knowledge_sources WHERE is_removed = 0`;

const COUNTS = `SELECT source_id::float8 AS source_id, status, count(*)::integer AS documents,
    sum(sections)::float8 AS sections, sum(words)::float8 AS words, max(changed_at)::float8 AS changed_at
  FROM knowledge_documents GROUP BY source_id, status`;

const ADD = `INSERT INTO knowledge_sources
    (kind, uri, every_hours, only_prefix, ignores_robots, created_at, next_at, is_removed)
  VALUES ($1, $2, $3::integer, $4, $5::integer, $6::bigint, $7::bigint, 0)
  ON CONFLICT (uri) WHERE is_removed = 0 DO NOTHING RETURNING ${COLUMNS}`;

/** Each column with whether it changes. */
const CHANGE = `UPDATE knowledge_sources SET
    every_hours = CASE WHEN $2::boolean THEN $3::integer ELSE every_hours END,
    only_prefix = CASE WHEN $4::boolean THEN $5 ELSE only_prefix END,
    ignores_robots = CASE WHEN $6::boolean THEN $7::integer ELSE ignores_robots END,
    next_at = CASE WHEN $8::boolean THEN $9::bigint ELSE next_at END
  WHERE id = $1::bigint AND is_removed = 0`;

/** Of several replicas that look at the same time, each gets another one. */
const CLAIM = `UPDATE knowledge_sources SET claimed_by = $1, claimed_until = $3::bigint, started_at = $2::bigint
  WHERE id = (
    SELECT id FROM knowledge_sources
    WHERE (id = $4::bigint OR $4::bigint IS NULL AND next_at <= $2::bigint)
      AND coalesce(claimed_until, 0) <= $2::bigint AND is_removed = 0
    ORDER BY next_at, id LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED
  ) RETURNING ${COLUMNS}`;

/** What the owner has named to be read, on PostgreSQL. */
export function createKnowledgeSources(pool: Pool): SourceStore {
  return {
    async listSources() {
      const [rows, counts] = await Promise.all([
        pool.query<SourceRow>(`${SOURCES} ORDER BY knowledge_sources.id`),
        pool.query<SourceCountRow>(COUNTS),
      ]);
      return toSummaries(rows, counts);
    },

    async findSource(id) {
      const [row] = await pool.query<SourceRow>(`${SOURCES} AND id = $1::bigint`, [id]);
      return row && toSource(row);
    },

    async addSource(source) {
      const { kind, uri, everyHours, only, ignoresRobots, createdAt, nextAt } = source;
      let isRepeated = false;
      for (;;) {
        const [added] = await pool.query<SourceRow>(ADD, (isUnknown) => {
          isRepeated ||= isUnknown;
          return [
            kind,
            uri,
            hoursColumn(everyHours),
            only,
            ignoresRobots ? 1 : 0,
            createdAt,
            nextAt,
          ];
        });
        if (added !== undefined) return { isNew: true, source: toSource(added) };
        const [known] = await pool.query<SourceRow>(`${SOURCES} AND uri = $1`, [uri]);
        // Otherwise it was removed meanwhile. The one that is there may be of the first try.
        if (known !== undefined) return { isNew: isRepeated, source: toSource(known) };
      }
    },

    async changeSource(id, change) {
      const { everyHours, only, ignoresRobots, nextAt } = change;
      await pool.query(CHANGE, [
        id,
        "everyHours" in change,
        hoursColumn(everyHours),
        "only" in change,
        only,
        "ignoresRobots" in change,
        ignoresRobots ? 1 : 0,
        "nextAt" in change,
        nextAt,
      ]);
    },

    async claimSource({ owner, now, until, sourceId }) {
      const [row] = await pool.query<SourceRow>(CLAIM, [owner, now, until, sourceId]);
      return row && toSource(row);
    },

    async keepSource(id, { owner, until }) {
      const { count } = await pool.query(
        `UPDATE knowledge_sources SET claimed_until = $2::bigint
         WHERE id = $1::bigint AND claimed_by = $3 AND is_removed = 0`,
        [id, until, owner],
      );
      return count > 0;
    },

    async endSource(id, { owner, at, error, nextAt }) {
      await pool.query(
        `UPDATE knowledge_sources
         SET claimed_by = NULL, claimed_until = NULL, ended_at = $3::bigint, error = $4, next_at = $5::bigint
         WHERE id = $1::bigint AND coalesce(claimed_by, $2) = $2 AND is_removed = 0`,
        [id, owner, at, error, nextAt],
      );
    },
  };
}
