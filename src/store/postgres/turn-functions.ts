/**
 * What a turn does to the tables, as functions in the database: one round trip and one commit each. They lock
 * the row of the conversation first. So no two of them deadlock, and inside a conversation the ids of messages
 * follow the order of the commits.
 */

/** Begins a turn. `history` has the exchanges that may fit: TurnStore chooses among them by the rule. */
const BEGIN_TURN = `
CREATE FUNCTION begin_turn(
  p_turn text, p_session text, p_conversation text, p_owner text, p_question text, p_words tsvector,
  p_preview text, p_key text, p_model text, p_at bigint, p_max_messages integer,
  p_exchanges integer, p_pairs integer, p_bytes bigint, p_is_repeated boolean,
  OUT kind text, OUT conversation_id text, OUT earlier_turn text, OUT history json
) LANGUAGE plpgsql AS $$
DECLARE
  known conversations%ROWTYPE;
  newest record;
  is_new boolean := false;
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
      SELECT question_id INTO asked FROM messages
      WHERE turn_id = p_turn AND role = 'assistant' AND conversation_seq = known.seq;
    END IF;
    IF asked IS NOT NULL THEN
      added := 0;
    ELSE
      SELECT turn_id INTO earlier_turn FROM messages
      WHERE conversation_seq = known.seq AND idempotency_key = p_key;
      IF FOUND THEN kind := 'earlier'; RETURN; END IF;
      SELECT m.status, m.question_id, q.content AS question INTO newest
      FROM messages AS m JOIN messages AS q ON q.id = m.question_id
      WHERE m.conversation_seq = known.seq ORDER BY m.id DESC LIMIT 1;
      IF newest.status = 'streaming' THEN kind := 'busy'; RETURN; END IF;
      IF known.message_count >= p_max_messages THEN kind := 'full'; RETURN; END IF;
      IF newest.status IN ('failed', 'interrupted') AND newest.question = p_question THEN
        asked := newest.question_id;
        added := 1;
      END IF;
    END IF;
    history := sendable_exchanges(known.seq, asked, p_exchanges, p_pairs, p_bytes);
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
  PERFORM count_daily((p_at / 86400000)::integer, is_new::integer, added, 0, 0);
END $$;
`;

/**
 * The newest exchanges that may be sent to the model, newest first, as [question's id, status, question, answer].
 * Those of the question p_asked are not. The sizes of the texts are known without reading them, so that few are
 * read for nothing. An answer is known by its question: for role = 'assistant', a database without statistics
 * reads all of the index messages_turn.
 */
const SENDABLE_EXCHANGES = `
CREATE FUNCTION sendable_exchanges(
  p_conversation bigint, p_asked bigint, p_exchanges integer, p_pairs integer, p_bytes bigint
) RETURNS json LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN (WITH newest AS (
    SELECT id, question_id, status, content FROM messages
    WHERE conversation_seq = p_conversation AND question_id IS NOT NULL
    ORDER BY id DESC LIMIT p_exchanges
  ), answered AS (
    -- The answers of a question follow each other, so that this is also the order of the answers.
    SELECT DISTINCT ON (question_id) * FROM newest
    WHERE status NOT IN ('failed', 'streaming') AND octet_length(content) > 0
      AND question_id IS DISTINCT FROM p_asked
    ORDER BY question_id DESC, id DESC LIMIT p_pairs
  ), sized AS (
    SELECT answered.*, question.content AS question,
      sum(octet_length(question.content) + octet_length(answered.content))
        OVER (ORDER BY answered.question_id DESC) AS bytes
    FROM answered JOIN messages AS question ON question.id = answered.question_id
  )
  SELECT json_agg(json_build_array(question_id, status, question, content) ORDER BY question_id DESC)
  FROM sized WHERE bytes <= p_bytes);
END $$;
`;

/**
 * Ends an answer. Returns false, and changes nothing, when it has already ended. With status =, the answer would be
 * sought among all that are under way: the index of these counts as empty, as it mostly is.
 */
const FINISH_TURN = `
CREATE FUNCTION finish_turn(
  p_turn text, p_content text, p_words tsvector, p_preview text, p_status text, p_finish_reason text,
  p_error_code text, p_prompt_tokens bigint, p_completion_tokens bigint, p_total_tokens bigint,
  p_first_token_ms bigint, p_duration_ms bigint, p_at bigint, p_tokens bigint, p_errors integer,
  p_counted_ms integer, p_is_repeated boolean
) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
  answer record;
  answer_day integer;
BEGIN
  SELECT id, conversation_seq, created_at INTO answer FROM messages
  WHERE turn_id = p_turn AND role = 'assistant';
  IF NOT FOUND THEN RETURN false; END IF;
  PERFORM FROM conversations WHERE seq = answer.conversation_seq FOR NO KEY UPDATE;
  UPDATE messages SET content = p_content, words = p_words, status = p_status,
    finish_reason = p_finish_reason, error_code = p_error_code, prompt_tokens = p_prompt_tokens,
    completion_tokens = p_completion_tokens, total_tokens = p_total_tokens,
    first_token_ms = p_first_token_ms, duration_ms = p_duration_ms, stop_requested = false
  WHERE id = answer.id AND status IS NOT DISTINCT FROM 'streaming';
  IF NOT FOUND THEN
    -- Where the connection was lost after the commit, this very ending is stored.
    RETURN p_is_repeated AND EXISTS (
      SELECT FROM messages WHERE id = answer.id AND status = p_status AND content = p_content
        AND error_code IS NOT DISTINCT FROM p_error_code
        AND duration_ms IS NOT DISTINCT FROM p_duration_ms
    );
  END IF;
  IF p_content <> '' THEN
    UPDATE conversations SET updated_at = greatest(updated_at, p_at), last_message = p_preview
    WHERE seq = answer.conversation_seq;
  END IF;
  answer_day := answer.created_at / 86400000;
  IF p_tokens > 0 OR p_errors > 0 THEN
    PERFORM count_daily(answer_day, 0, 0, p_tokens, p_errors);
  END IF;
  IF p_counted_ms IS NOT NULL THEN
    INSERT INTO daily_first_token AS d (day, ms, slot, answers)
    VALUES (answer_day, p_counted_ms, pg_backend_pid() % 8, 1)
    ON CONFLICT (day, ms, slot) DO UPDATE SET answers = d.answers + 1;
  END IF;
  RETURN true;
END $$;
`;

const COUNT_DAILY = `
CREATE FUNCTION count_daily(
  p_day integer, p_conversations bigint, p_messages bigint, p_tokens bigint, p_errors bigint
) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO daily AS d (day, slot, conversations, messages, tokens, errors)
  VALUES (p_day, pg_backend_pid() % 32, p_conversations, p_messages, p_tokens, p_errors)
  ON CONFLICT (day, slot) DO UPDATE SET
    conversations = d.conversations + excluded.conversations,
    messages = d.messages + excluded.messages,
    tokens = d.tokens + excluded.tokens,
    errors = d.errors + excluded.errors;
END $$;
`;

/** Deletes a conversation with its messages. Returns whether there was one. */
const ERASE_CONVERSATION = `
CREATE FUNCTION erase_conversation(p_id text) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
  erased bigint;
BEGIN
  SELECT seq INTO erased FROM conversations WHERE id = p_id FOR UPDATE;
  IF NOT FOUND THEN RETURN false; END IF;
  DELETE FROM messages WHERE conversation_seq = erased;
  DELETE FROM conversations WHERE seq = erased;
  RETURN true;
END $$;
`;

/**
 * Deletes the conversations that have been silent longest. One replica deletes at a time. A conversation that
 * somebody else has locked, because its visitor has come back, is left out. Returns how many were deleted.
 */
const EXPIRE_CONVERSATIONS = `
CREATE FUNCTION expire_conversations(p_before bigint, p_conversations integer, p_messages integer)
RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
  silent bigint[];
  deleted integer;
BEGIN
  IF NOT pg_try_advisory_xact_lock(hashtextextended('chatporch.expire', 0)) THEN RETURN 0; END IF;
  WITH oldest AS MATERIALIZED (
    SELECT seq, updated_at, message_count FROM conversations AS c
    WHERE updated_at < p_before AND NOT EXISTS (
      SELECT FROM messages WHERE conversation_seq = c.seq AND status = 'streaming'
    )
    ORDER BY updated_at, seq LIMIT p_conversations FOR UPDATE SKIP LOCKED
  ), counted AS (
    SELECT seq, sum(message_count) OVER (ORDER BY updated_at, seq) - message_count AS messages_before
    FROM oldest
  )
  SELECT array_agg(seq) INTO silent FROM counted WHERE messages_before < p_messages;
  -- A statement of its own also sees the question that came just before the rows were locked.
  WITH expired AS (
    DELETE FROM conversations AS c WHERE seq = ANY (silent) AND NOT EXISTS (
      SELECT FROM messages WHERE conversation_seq = c.seq AND status = 'streaming'
    ) RETURNING seq
  ), emptied AS (
    DELETE FROM messages WHERE conversation_seq = ANY (ARRAY (SELECT seq FROM expired))
  )
  SELECT count(*) INTO deleted FROM expired;
  RETURN deleted;
END $$;
`;

export const TURN_FUNCTIONS = [
  COUNT_DAILY,
  SENDABLE_EXCHANGES,
  BEGIN_TURN,
  FINISH_TURN,
  ERASE_CONVERSATION,
  EXPIRE_CONVERSATIONS,
].join("");

/**
 * FINISH_TURN with what the answer stands on. Without sources, those of its drafts stay. A replica of the version
 * before knows only the other one, which therefore stays, too.
 */
export const FINISH_TURN_WITH_SOURCES = `
CREATE FUNCTION finish_turn(
  p_turn text, p_content text, p_words tsvector, p_preview text, p_status text, p_finish_reason text,
  p_error_code text, p_prompt_tokens bigint, p_completion_tokens bigint, p_total_tokens bigint,
  p_first_token_ms bigint, p_duration_ms bigint, p_at bigint, p_tokens bigint, p_errors integer,
  p_counted_ms integer, p_is_repeated boolean, p_grounding text, p_sources text
) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
  answer record;
  answer_day integer;
BEGIN
  SELECT id, conversation_seq, created_at INTO answer FROM messages
  WHERE turn_id = p_turn AND role = 'assistant';
  IF NOT FOUND THEN RETURN false; END IF;
  PERFORM FROM conversations WHERE seq = answer.conversation_seq FOR NO KEY UPDATE;
  UPDATE messages SET content = p_content, words = p_words, status = p_status,
    finish_reason = p_finish_reason, error_code = p_error_code, prompt_tokens = p_prompt_tokens,
    completion_tokens = p_completion_tokens, total_tokens = p_total_tokens,
    first_token_ms = p_first_token_ms, duration_ms = p_duration_ms, grounding = p_grounding,
    sources = coalesce(p_sources, sources), stop_requested = false
  WHERE id = answer.id AND status IS NOT DISTINCT FROM 'streaming';
  IF NOT FOUND THEN
    -- Where the connection was lost after the commit, this very ending is stored.
    RETURN p_is_repeated AND EXISTS (
      SELECT FROM messages WHERE id = answer.id AND status = p_status AND content = p_content
        AND error_code IS NOT DISTINCT FROM p_error_code
        AND duration_ms IS NOT DISTINCT FROM p_duration_ms
    );
  END IF;
  IF p_content <> '' THEN
    UPDATE conversations SET updated_at = greatest(updated_at, p_at), last_message = p_preview
    WHERE seq = answer.conversation_seq;
  END IF;
  answer_day := answer.created_at / 86400000;
  IF p_tokens > 0 OR p_errors > 0 THEN
    PERFORM count_daily(answer_day, 0, 0, p_tokens, p_errors);
  END IF;
  IF p_counted_ms IS NOT NULL THEN
    INSERT INTO daily_first_token AS d (day, ms, slot, answers)
    VALUES (answer_day, p_counted_ms, pg_backend_pid() % 8, 1)
    ON CONFLICT (day, ms, slot) DO UPDATE SET answers = d.answers + 1;
  END IF;
  IF p_grounding IS NOT NULL THEN
    INSERT INTO daily_grounding AS d (day, grounding, slot, answers)
    VALUES (answer_day, p_grounding, pg_backend_pid() % 8, 1)
    ON CONFLICT (day, grounding, slot) DO UPDATE SET answers = d.answers + 1;
  END IF;
  RETURN true;
END $$;
`;

/**
 * BEGIN_TURN and FINISH_TURN_WITH_SOURCES with the day of the question in the owner's time zone, as a last parameter. A
 * replica of the version before knows only those, and counts by days in UTC.
 */
export const TURN_FUNCTIONS_BY_DAY = [
  BEGIN_TURN.replace("p_is_repeated boolean,", "p_is_repeated boolean, p_day integer,").replace(
    "(p_at / 86400000)::integer",
    "p_day",
  ),
  FINISH_TURN_WITH_SOURCES.replace("p_sources text\n", "p_sources text, p_day integer\n").replace(
    "answer_day := answer.created_at / 86400000",
    "answer_day := p_day",
  ),
].join("");
