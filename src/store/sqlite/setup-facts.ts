import type { Database } from "bun:sqlite";

import { MAX_SETUP_FACTS, type SetupFact, type SetupFactStore } from "../setup-fact-store.ts";
import type { GroupCommit } from "./group-commit.ts";

/** What was noticed of the owner's first steps, on SQLite. */
export function createSetupFacts(db: Database, writes: GroupCommit): SetupFactStore {
  const note = db.query<null, [string, string, string, number]>(
    `INSERT INTO setup_facts (topic, subject, text, at) VALUES (?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET text = excluded.text, at = excluded.at WHERE excluded.at >= at`,
  );
  const forgetOldest = db.query<null, [string, number]>(
    `DELETE FROM setup_facts WHERE rowid IN (
       SELECT rowid FROM setup_facts WHERE topic = ? ORDER BY at DESC, subject LIMIT -1 OFFSET ?
     )`,
  );
  const list = db.query<SetupFact, [string]>(
    "SELECT topic, subject, text, at FROM setup_facts WHERE topic = ? ORDER BY at DESC, subject",
  );

  return {
    async noteSetupFact({ topic, subject, text, at }) {
      await writes.write(() => {
        note.run(topic, subject, text, at);
        forgetOldest.run(topic, MAX_SETUP_FACTS);
      });
    },

    listSetupFacts: async (topic) => list.all(topic),
  };
}
