import type { Beat, ClusterStore, Replica } from "../cluster-store.ts";
import type { TurnStore } from "../turn-store.ts";
import type { Pool } from "./pool.ts";

/**
 * Every second, so it must not get slower while somebody holds an old snapshot, such as pg_dump. Until he is
 * done, the index of the answers under way also has all that have ended. So they are not read: stops have an
 * index of their own, turns that are read are found by their ids, and orphans between the living owners. The rows
 * of all earlier beats are kept as well, so that the table is read once.
 */
const RAISE = `WITH own AS (
    UPDATE replicas SET beat = beat + 1, announced = $2::bigint, reading = $3::text[]
    WHERE id = $1 RETURNING id
  ), living AS MATERIALIZED (
    SELECT id, beat, announced, reading FROM replicas
  )
  SELECT EXISTS (SELECT FROM own) AS "isAlive",
    (SELECT json_agg(json_build_array(id, beat, announced)) FROM living WHERE id <> $1) AS others,
    json_build_object(
      'settings', (SELECT version FROM settings_version),
      'knowledge', (SELECT coalesce(max(version), 0) FROM knowledge_state)
    ) AS versions,
    ARRAY (
      SELECT turn_id FROM messages WHERE stop_requested AND owner = $1
        AND status IS NOT DISTINCT FROM 'streaming'
    ) AS stops,
    ARRAY (
      SELECT turn_id FROM messages WHERE role = 'assistant' AND owner = $1
        AND turn_id = ANY (ARRAY (SELECT unnest(reading) FROM living WHERE id <> $1))
        AND status IS NOT DISTINCT FROM 'streaming'
    ) AS read,
    EXISTS (
      SELECT FROM messages WHERE status = 'streaming' AND owner < (SELECT min(id) FROM living)
    ) OR EXISTS (
      SELECT FROM messages WHERE status = 'streaming' AND owner > (SELECT max(id) FROM living)
    ) OR EXISTS (
      SELECT FROM (SELECT id, lead(id) OVER (ORDER BY id) AS next FROM living) AS pair, LATERAL (
        SELECT FROM messages WHERE status = 'streaming' AND owner > pair.id AND owner < pair.next LIMIT 1
      ) AS orphan
    ) AS "hasOrphans"`;

interface BeatRow {
  readonly isAlive: boolean;
  readonly others: readonly [id: string, beat: number, announced: number][] | null;
  readonly versions: Beat["versions"];
  readonly stops: readonly string[];
  readonly read: readonly string[];
  readonly hasOrphans: boolean;
}

/** The replicas of a PostgreSQL database. Those that have died or left have no row. */
export function createClusterStore(
  pool: Pool,
  turns: Pick<TurnStore, "interruptUnfinishedTurns">,
): ClusterStore {
  return {
    async enter({ id, host, version, startedAt }) {
      await pool.query(
        `INSERT INTO replicas (id, host, version, started_at) VALUES ($1, $2, $3, $4::bigint)
         ON CONFLICT DO NOTHING`,
        [id, host, version, startedAt],
      );
    },

    async beat(self, { announced, reading }) {
      const [row] = await pool.query<BeatRow>(RAISE, [self, announced, reading]);
      if (row === undefined) throw new Error("The beat returned nothing.");
      const others = (row.others ?? []).map(
        ([id, beat, theirs]) => [id, { beat, announced: theirs }] as const,
      );
      return { ...row, others: new Map(others) };
    },

    async bury(id, beat) {
      const { count } = await pool.query(
        "DELETE FROM replicas WHERE id = $1 AND beat = $2::bigint",
        [id, beat],
      );
      return count > 0;
    },

    sweep: () => turns.interruptUnfinishedTurns(),

    async requestStop(turnId) {
      await pool.query(
        `UPDATE messages SET stop_requested = true
         WHERE turn_id = $1 AND role = 'assistant' AND status IS NOT DISTINCT FROM 'streaming'`,
        [turnId],
      );
    },

    listReplicas: () =>
      pool.query<Replica>(
        `SELECT id, host, version, started_at::float8 AS "startedAt", beat::float8 AS beat
         FROM replicas ORDER BY started_at, id`,
      ),

    async leave(self) {
      await pool.query("DELETE FROM replicas WHERE id = $1", [self]);
    },
  };
}
