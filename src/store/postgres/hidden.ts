/**
 * A hidden conversation: nothing finds it, because its id and session begin with a slash, which no other has, and its
 * last activity is before all times. What it was is in the same columns, so that it can be restored.
 */

/** Hides a conversation. Returns whether there is one, hidden before or not. */
const HIDE_CONVERSATION = `
CREATE FUNCTION hide_conversation(p_id text, p_erase_at bigint) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
  hidden bigint;
BEGIN
  UPDATE conversations SET id = '/' || id, session_id = '/' || id || '/' || session_id,
    updated_at = -1 - updated_at, erase_at = p_erase_at
  WHERE id = p_id AND erase_at IS NULL RETURNING seq INTO hidden;
  IF NOT FOUND THEN RETURN EXISTS (SELECT FROM conversations WHERE id = '/' || p_id); END IF;
  -- An answer that is still under way does not end in it any more.
  UPDATE messages SET status = 'stopped', finish_reason = 'stopped', stop_requested = false
  WHERE conversation_seq = hidden AND status = 'streaming';
  RETURN true;
END $$;
`;

/**
 * Restores a conversation that is not to be erased yet. If the visitor has begun another one meanwhile, he keeps that
 * one. Returns whether there is one, hidden before or not.
 */
const RESTORE_CONVERSATION = `
CREATE FUNCTION restore_conversation(p_id text, p_at bigint) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  UPDATE conversations AS c SET id = substr(id, 2), updated_at = -1 - updated_at, erase_at = NULL,
    session_id = CASE WHEN EXISTS (
      SELECT FROM conversations WHERE session_id = substr(c.session_id, length(c.id) + 2)
    ) THEN id ELSE substr(session_id, length(id) + 2) END
  WHERE id = '/' || p_id AND erase_at > p_at;
  RETURN EXISTS (SELECT FROM conversations WHERE id = p_id);
END $$;
`;

/** Conversations for an erasure, as they were before they were hidden. */
export const ERASABLE = {
  id: erasable("id = $1", "id = '/' || $1"),
  session_id: erasable("session_id = $1", "substr(session_id, length(id) + 2) = $1"),
};

function erasable(isShown: string, isHidden: string): string {
  return `SELECT id, session_id FROM conversations WHERE ${isShown} AND erase_at IS NULL
    UNION ALL SELECT substr(id, 2), substr(session_id, length(id) + 2) FROM conversations
    WHERE ${isHidden} AND erase_at IS NOT NULL`;
}

export const HIDING_FUNCTIONS = `${HIDE_CONVERSATION}${RESTORE_CONVERSATION}`;
