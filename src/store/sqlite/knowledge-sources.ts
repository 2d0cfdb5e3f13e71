import type { Database } from "bun:sqlite";

import {
  hoursColumn,
  type SourceCountRow,
  type SourceRow,
  toSource,
  toSummaries,
} from "../knowledge-rows.ts";
import type { SourceStore } from "../knowledge-store.ts";
import type { GroupCommit } from "./group-commit.ts";

function prepare(db: Database) {
  return {
    all: db.query<SourceRow, []>(
      "SELECT * FROM knowledge_sources WHERE is_removed = 0 ORDER BY id",
    ),
    counts: db.query<SourceCountRow, []>(
      `SELECT source_id, status, count(*) AS documents, sum(sections) AS sections, sum(words) AS words,
         max(changed_at) AS changed_at
       FROM knowledge_documents GROUP BY source_id, status`,
    ),
    byId: db.query<SourceRow, [number]>(
      "SELECT * FROM knowledge_sources WHERE id = ? AND is_removed = 0",
    ),
    byUri: db.query<SourceRow, [string]>(
      "SELECT * FROM knowledge_sources WHERE uri = ? AND is_removed = 0",
    ),
    add: db.query<
      SourceRow,
      [string, string, number | null, string | null, number, number, number | null]
    >(
      `INSERT INTO knowledge_sources
         (kind, uri, every_hours, only_prefix, ignores_robots, created_at, next_at, is_removed)
       VALUES (?, ?, ?, ?, ?, ?, ?, 0) RETURNING *`,
    ),
    change: db.query<null, [number | null, string | null, number, number | null, number]>(
      `UPDATE knowledge_sources SET every_hours = ?, only_prefix = ?, ignores_robots = ?, next_at = ?
       WHERE id = ?`,
    ),
    due: db.query<{ id: number }, [now: number, sourceId: number | null]>(
      `SELECT id FROM knowledge_sources
       WHERE (id = ?2 OR ?2 IS NULL AND next_at <= ?1) AND coalesce(claimed_until, 0) <= ?1 AND is_removed = 0
       ORDER BY next_at, id LIMIT 1`,
    ),
    claim: db.query<SourceRow, [string, number, number, number]>(
      `UPDATE knowledge_sources SET claimed_by = ?, claimed_until = ?, started_at = ?
       WHERE id = ? RETURNING *`,
    ),
    keep: db.query<null, [number, number, string]>(
      `UPDATE knowledge_sources SET claimed_until = ?
       WHERE id = ? AND claimed_by = ? AND is_removed = 0`,
    ),
    end: db.query<null, [number, string | null, number | null, number, string]>(
      `UPDATE knowledge_sources
       SET claimed_by = NULL, claimed_until = NULL, ended_at = ?, error = ?, next_at = ?
       WHERE id = ? AND coalesce(claimed_by, ?5) = ?5 AND is_removed = 0`,
    ),
  };
}

/** What the owner has named to be read, on SQLite. */
export function createKnowledgeSources(db: Database, writes: GroupCommit): SourceStore {
  const queries = prepare(db);
  return {
    listSources: async () => toSummaries(queries.all.all(), queries.counts.all()),

    async findSource(id) {
      const row = queries.byId.get(id);
      return row === null ? undefined : toSource(row);
    },

    addSource: (source) =>
      writes.write(() => {
        const known = queries.byUri.get(source.uri);
        if (known !== null) return { isNew: false, source: toSource(known) };
        const { kind, uri, only = null, createdAt, nextAt = null } = source;
        const everyHours = hoursColumn(source.everyHours);
        const ignoresRobots = source.ignoresRobots ? 1 : 0;
        const added = [kind, uri, everyHours, only, ignoresRobots, createdAt, nextAt] as const;
        const row = queries.add.get(...added);
        if (row === null) throw new Error("The source could not be stored.");
        return { isNew: true, source: toSource(row) };
      }),

    async changeSource(id, change) {
      await writes.write(() => {
        const row = queries.byId.get(id);
        if (row === null) return;
        const { everyHours, only, ignoresRobots, nextAt } = { ...toSource(row), ...change };
        const robots = ignoresRobots ? 1 : 0;
        queries.change.run(hoursColumn(everyHours), only ?? null, robots, nextAt ?? null, id);
      });
    },

    async claimSource({ owner, now, until, sourceId = null }) {
      // Looked at before, so that a server that has nothing to read writes nothing.
      if (queries.due.get(now, sourceId) === null) return undefined;
      return writes.write(() => {
        const due = queries.due.get(now, sourceId);
        const claimed = due && queries.claim.get(owner, until, now, due.id);
        return claimed ? toSource(claimed) : undefined;
      });
    },

    async keepSource(id, { owner, until }) {
      const { changes } = await writes.write(() => queries.keep.run(until, id, owner));
      return changes > 0;
    },

    async endSource(id, { owner, at, error = null, nextAt = null }) {
      await writes.write(() => queries.end.run(at, error, nextAt, id, owner));
    },
  };
}
