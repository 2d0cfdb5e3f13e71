import { MAX_SETUP_FACTS, type SetupFact, type SetupFactStore } from "../setup-fact-store.ts";
import type { Pool } from "./pool.ts";

/** What was noticed of the owner's first steps, on PostgreSQL. */
export function createSetupFacts(pool: Pool): SetupFactStore {
  return {
    async noteSetupFact({ topic, subject, text, at }) {
      await pool.query(
        `INSERT INTO setup_facts (topic, subject, text, at) VALUES ($1, $2, $3, $4::bigint)
         ON CONFLICT (topic, subject) DO UPDATE SET text = excluded.text, at = excluded.at
         WHERE excluded.at >= setup_facts.at`,
        [topic, subject, text, at],
      );
      await pool.query(
        `DELETE FROM setup_facts WHERE topic = $1 AND subject IN (
           SELECT subject FROM setup_facts WHERE topic = $1
           ORDER BY at DESC, subject OFFSET $2::integer
         )`,
        [topic, MAX_SETUP_FACTS],
      );
    },

    listSetupFacts: (topic) =>
      pool.query<SetupFact>(
        `SELECT topic, subject, text, at::float8 AS at FROM setup_facts
         WHERE topic = $1 ORDER BY at DESC, subject`,
        [topic],
      ),
  };
}
