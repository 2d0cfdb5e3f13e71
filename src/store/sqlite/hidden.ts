import type { Database } from "bun:sqlite";

import type { ErasableRow } from "../rows.ts";

/**
 * A hidden conversation: nothing finds it, because its id and session begin with a slash, which no other has, and its
 * last activity is before all times. What it was is in the same columns, so that it can be restored.
 */
export function prepareHidden(db: Database) {
  return {
    /** Parameters: when it is erased, its id. */
    hide: db.query<{ seq: number }, [number, string]>(
      `UPDATE conversations SET id = '/' || id, session_id = '/' || id || '/' || session_id,
         updated_at = -1 - updated_at, erase_at = ?
       WHERE id = ? AND erase_at IS NULL RETURNING seq`,
    ),
    /** An answer that is still under way does not end in it any more. */
    stopAnswer: db.query<null, [number]>(
      `UPDATE messages SET status = 'stopped', finish_reason = 'stopped' WHERE id = (
         SELECT max(id) FROM messages WHERE conversation_seq = ?
       ) AND status = 'streaming'`,
    ),
    /** If the visitor has begun another conversation meanwhile, he keeps that one. Parameters: its id, now. */
    restore: db.query<null, [string, number]>(
      `UPDATE conversations AS c SET id = substr(id, 2), updated_at = -1 - updated_at, erase_at = NULL,
         session_id = CASE WHEN EXISTS (
           SELECT 1 FROM conversations WHERE session_id = substr(c.session_id, length(c.id) + 2)
         ) THEN id ELSE substr(session_id, length(id) + 2) END
       WHERE id = '/' || ? AND erase_at > ?`,
    ),
    /** A conversation under its id, hidden or not. */
    stored: db.query<{ seq: number }, [string]>(
      "SELECT seq FROM conversations WHERE id IN (?1, '/' || ?1)",
    ),
    erasable: {
      id: db.query<ErasableRow, [string]>(erasable("id = ?1", "id = '/' || ?1")),
      session_id: db.query<ErasableRow, [string]>(
        erasable("session_id = ?1", "substr(session_id, length(id) + 2) = ?1"),
      ),
    },
    due: db.query<{ id: string }, [number]>(
      "SELECT id FROM conversations WHERE erase_at <= ? ORDER BY erase_at LIMIT 1",
    ),
  };
}

/** Conversations for an erasure, as they were before they were hidden. */
function erasable(isShown: string, isHidden: string): string {
  return `SELECT id, session_id FROM conversations WHERE ${isShown} AND erase_at IS NULL
    UNION ALL SELECT substr(id, 2), substr(session_id, length(id) + 2) FROM conversations
    WHERE ${isHidden} AND erase_at IS NOT NULL`;
}
