/**
 * What the owner's takeovers do to the tables (takeover-store.ts). Each function locks the row of the conversation
 * first, as those of turns do, so a question either begins before the takeover and its answer is stopped, or sees it.
 */

/** Whether the owner answers in a conversation at that time, within 30 minutes (TAKEOVER_MS) of his last word. */
const IS_TAKEN_OVER = `
CREATE FUNCTION is_taken_over(p_conversation bigint, p_at bigint) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT EXISTS (
    SELECT FROM takeovers WHERE conversation_seq = p_conversation AND abs(p_at - last_word_at) < 1800000
  )
$$;
`;

/** The owner begins, or goes on, in a conversation whose row is locked. */
const TAKE_OVER_LOCKED = `
CREATE FUNCTION take_over_locked(p_conversation bigint, p_name text, p_at bigint) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO takeovers AS t (conversation_seq, name, begun_at, last_word_at)
  VALUES (p_conversation, p_name, p_at, p_at)
  ON CONFLICT (conversation_seq) DO UPDATE SET name = p_name, last_word_at = p_at,
    begun_at = CASE WHEN abs(p_at - t.last_word_at) < 1800000 THEN t.begun_at ELSE p_at END;
  UPDATE conversations SET was_taken_over = 1 WHERE seq = p_conversation AND was_taken_over = 0;
END $$;
`;

const TAKE_OVER = `
CREATE FUNCTION take_over(p_id text, p_name text, p_at bigint) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
  known bigint;
BEGIN
  SELECT seq INTO known FROM conversations WHERE id = p_id AND updated_at >= 0 FOR NO KEY UPDATE;
  IF NOT FOUND THEN RETURN false; END IF;
  PERFORM take_over_locked(known, p_name, p_at);
  RETURN true;
END $$;
`;

/** Returns the message's id with the kinds stored (now, or by a call whose answer was lost) and earlier (by its key). */
const ADD_OWNER_MESSAGE = `
CREATE FUNCTION add_owner_message(
  p_id text, p_turn text, p_content text, p_words tsvector, p_preview text, p_name text, p_key text,
  p_at bigint, p_max_messages integer, p_day integer, OUT kind text, OUT message bigint
) LANGUAGE plpgsql AS $$
DECLARE
  known conversations%ROWTYPE;
BEGIN
  SELECT * INTO known FROM conversations WHERE id = p_id AND updated_at >= 0 FOR NO KEY UPDATE;
  IF NOT FOUND THEN kind := 'missing'; RETURN; END IF;
  SELECT id INTO message FROM messages
  WHERE turn_id = p_turn AND role = 'assistant' AND conversation_seq = known.seq;
  IF FOUND THEN kind := 'stored'; RETURN; END IF;
  SELECT id INTO message FROM messages
  WHERE conversation_seq = known.seq AND idempotency_key = p_key;
  IF FOUND THEN kind := 'earlier'; RETURN; END IF;
  IF known.message_count >= p_max_messages THEN kind := 'full'; RETURN; END IF;
  PERFORM take_over_locked(known.seq, p_name, p_at);
  IF EXISTS (
    SELECT FROM messages WHERE conversation_seq = known.seq AND status = 'streaming'
  ) THEN kind := 'busy'; RETURN; END IF;
  INSERT INTO messages (conversation_seq, turn_id, role, content, status, idempotency_key, author,
    author_name, created_at, words)
  VALUES (known.seq, p_turn, 'assistant', p_content, 'complete', p_key, 'owner', p_name, p_at, p_words)
  RETURNING id INTO message;
  -- The newest answer is not a failed or stopped one any more (list-marks.ts).
  UPDATE conversations SET updated_at = greatest(updated_at, p_at), last_message = p_preview,
    message_count = message_count + 1, is_failed = 0, is_stopped = 0
  WHERE seq = known.seq;
  PERFORM count_daily(p_day, 0, 1, 0, 0);
  kind := 'stored';
END $$;
`;

/**
 * As sendable_exchanges, with what the owner wrote after each answer as a fifth member. For conversations that he has
 * taken over. Which of them are sent is the rule of HistoryBuilder alone.
 */
const EXCHANGES_WITH_OWNER = `
CREATE FUNCTION exchanges_with_owner(
  p_conversation bigint, p_asked bigint, p_exchanges integer, p_bytes bigint
) RETURNS json LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN (WITH newest AS (
    SELECT id, question_id, status, content, lag(id) OVER (ORDER BY id DESC) AS next_id FROM messages
    WHERE conversation_seq = p_conversation AND question_id IS NOT NULL
    ORDER BY id DESC LIMIT p_exchanges
  ), spoken AS (
    SELECT newest.*, question.content AS question, (
      SELECT string_agg(o.content, E'\\n\\n' ORDER BY o.id) FROM messages AS o
      WHERE o.conversation_seq = p_conversation AND o.author IS NOT NULL AND o.id > newest.id
        AND (newest.next_id IS NULL OR o.id < newest.next_id)
    ) AS owners_words
    FROM newest JOIN messages AS question ON question.id = newest.question_id
    WHERE newest.question_id IS DISTINCT FROM p_asked
  ), sized AS (
    SELECT spoken.*, sum(
      octet_length(question) + octet_length(content) + coalesce(octet_length(owners_words), 0)
    ) OVER (ORDER BY id DESC) AS bytes
    FROM spoken
  )
  SELECT json_agg(json_build_array(question_id, status, question, content, owners_words) ORDER BY id DESC)
  FROM sized WHERE bytes <= p_bytes);
END $$;
`;

/**
 * begin_turn, which looks for the owner where he has taken over before. While he answers, the question gets an empty
 * answer that is complete, and the turn is returned as one that has begun earlier: replicas of the version before, too,
 * read its end from the database and ask no model.
 */
const BEGIN_TURN = `
CREATE OR REPLACE FUNCTION begin_turn(
  p_turn text, p_session text, p_conversation text, p_owner text, p_question text, p_words tsvector,
  p_preview text, p_key text, p_model text, p_at bigint, p_max_messages integer,
  p_exchanges integer, p_pairs integer, p_bytes bigint, p_is_repeated boolean, p_day integer,
  OUT kind text, OUT conversation_id text, OUT earlier_turn text, OUT history json
) LANGUAGE plpgsql AS $$
DECLARE
  known conversations%ROWTYPE;
  newest record;
  is_new boolean := false;
  is_for_person boolean := false;
  asked bigint;
  added integer := 2;
BEGIN
  LOOP
    SELECT * INTO known FROM conversations WHERE session_id = p_session FOR NO KEY UPDATE;
    EXIT WHEN FOUND;
    INSERT INTO conversations (id, session_id, created_at, updated_at, last_message, message_count)
    VALUES (p_conversation, p_session, p_at, p_at, p_preview, 2)
    ON CONFLICT (session_id) DO NOTHING RETURNING * INTO known;
    is_new := FOUND;
    EXIT WHEN is_new;
  END LOOP;
  conversation_id := known.id;

  IF NOT is_new THEN
    IF p_is_repeated THEN
      -- The connection was lost after the commit, and before its answer came.
      SELECT question_id, finish_reason INTO newest FROM messages
      WHERE turn_id = p_turn AND role = 'assistant' AND conversation_seq = known.seq;
      IF newest.finish_reason = 'person' THEN
        kind := 'earlier';
        earlier_turn := p_turn;
        RETURN;
      END IF;
      asked := newest.question_id;
    END IF;
    IF asked IS NOT NULL THEN
      added := 0;
    ELSE
      SELECT turn_id INTO earlier_turn FROM messages
      WHERE conversation_seq = known.seq AND idempotency_key = p_key;
      IF FOUND THEN kind := 'earlier'; RETURN; END IF;
      SELECT m.status, m.question_id, q.content AS question INTO newest
      FROM messages AS m LEFT JOIN messages AS q ON q.id = m.question_id
      WHERE m.conversation_seq = known.seq ORDER BY m.id DESC LIMIT 1;
      IF newest.status = 'streaming' THEN kind := 'busy'; RETURN; END IF;
      IF known.message_count >= p_max_messages THEN kind := 'full'; RETURN; END IF;
      IF newest.status IN ('failed', 'interrupted') AND newest.question = p_question THEN
        asked := newest.question_id;
        added := 1;
      END IF;
    END IF;
    IF known.was_taken_over = 0 THEN
      history := sendable_exchanges(known.seq, asked, p_exchanges, p_pairs, p_bytes);
    ELSIF added > 0 AND is_taken_over(known.seq, p_at) THEN
      is_for_person := true;
    ELSE
      history := exchanges_with_owner(known.seq, asked, p_exchanges, p_bytes);
    END IF;
  END IF;

  kind := 'begun';
  IF added = 0 THEN RETURN; END IF;
  IF added = 2 THEN
    INSERT INTO messages (conversation_seq, turn_id, role, content, status, created_at, words)
    VALUES (known.seq, p_turn, 'user', p_question, 'complete', p_at, p_words) RETURNING id INTO asked;
  END IF;
  INSERT INTO messages (conversation_seq, turn_id, question_id, idempotency_key, model, role, content,
    status, owner, created_at)
  VALUES (known.seq, p_turn, asked, p_key, p_model, 'assistant', '', 'streaming', p_owner, p_at);
  IF NOT is_new THEN
    UPDATE conversations SET updated_at = greatest(updated_at, p_at), last_message = p_preview,
      message_count = message_count + added
    WHERE seq = known.seq;
  END IF;
  PERFORM count_daily(p_day, is_new::integer, added, 0, 0);
  IF is_for_person THEN
    UPDATE messages SET status = 'complete', finish_reason = 'person'
    WHERE turn_id = p_turn AND role = 'assistant';
    kind := 'earlier';
    earlier_turn := p_turn;
  END IF;
END $$;
`;

export const TAKEOVER_FUNCTIONS = [
  IS_TAKEN_OVER,
  TAKE_OVER_LOCKED,
  TAKE_OVER,
  ADD_OWNER_MESSAGE,
  EXCHANGES_WITH_OWNER,
  BEGIN_TURN,
].join("");
