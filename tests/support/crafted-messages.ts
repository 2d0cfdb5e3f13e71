import type { Database } from "bun:sqlite";

import { searchText } from "../../src/store/search-words.ts";

/** Each character of a long run is a word, so a search has many places to compare. */
const RUN = `${"営".repeat(3999)}無`;

/** Stores and indexes messages that are slow to search through, in a database of the current schema. */
export function storeCraftedMessages(db: Database, count: number): void {
  db.run(`INSERT INTO conversations (seq, id, session_id, created_at, updated_at, last_message, message_count)
     VALUES (1, 'c_1', 'visitor', 0, 0, '', 0)`);
  const message = db.query(
    `INSERT INTO messages (id, conversation_seq, turn_id, role, content, status, created_at)
     VALUES (?, 1, ?, 'user', ?, 'complete', 0)`,
  );
  const index = db.query("INSERT INTO messages_fts (rowid, content) VALUES (?, ?)");
  const crafted = searchText(RUN);
  db.transaction(() => {
    for (let id = 1; id <= count; id++) {
      message.run(id, `t_${id}`, RUN);
      index.run(id, crafted);
    }
  })();
}
