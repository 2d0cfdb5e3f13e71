import {
  MAX_REFUSED_ORIGINS,
  type RefusedOrigin,
  type RefusedOriginStore,
} from "../refused-origin-store.ts";
import type { Pool } from "./pool.ts";

/** Sorted, so that two replicas lock the same rows in the same order. */
const NOTE = `INSERT INTO refused_origins (origin, count, last_at)
  SELECT * FROM unnest($1::text[], $2::bigint[], $3::bigint[]) AS r (origin, count, last_at) ORDER BY origin
  ON CONFLICT (origin) DO UPDATE SET count = refused_origins.count + excluded.count,
    last_at = greatest(refused_origins.last_at, excluded.last_at)`;

/** Websites that were refused, on PostgreSQL. */
export function createRefusedOrigins(pool: Pool): RefusedOriginStore {
  return {
    async noteRefusedOrigins(refused) {
      if (refused.length === 0) return;
      const origins = refused.map(({ origin }) => origin);
      const counts = refused.map(({ count }) => count);
      const times = refused.map(({ lastAt }) => lastAt);
      // Repeated after a lost answer, it counts twice, which nobody minds.
      await pool.query(NOTE, [origins, counts, times]);
      await pool.query(
        `DELETE FROM refused_origins WHERE origin IN (
           SELECT origin FROM refused_origins ORDER BY last_at DESC, origin OFFSET $1::integer
         )`,
        [MAX_REFUSED_ORIGINS],
      );
    },

    listRefusedOrigins: (since) =>
      pool.query<RefusedOrigin>(
        `SELECT origin, count::float8 AS count, last_at::float8 AS "lastAt" FROM refused_origins
         WHERE last_at >= $1::bigint ORDER BY last_at DESC, origin`,
        [since],
      ),

    async forgetRefusedOrigin(origin) {
      await pool.query("DELETE FROM refused_origins WHERE origin = $1", [origin]);
    },
  };
}
