/**
 * Turns with what they cost (spending-functions.ts). Replicas of the version before know only the functions without the last
 * parameters, which therefore stay, too.
 */

/**
 * begin_turn of takeover-functions.ts, which sets aside what the answer may cost, or leaves the question to a person. A
 * question that does not fit into the budget leaves nothing: that is seen before a conversation is made for it, and once
 * more when nobody else sets anything aside.
 */
const BEGIN_TURN = `
CREATE FUNCTION begin_turn(
  p_turn text, p_session text, p_conversation text, p_owner text, p_question text, p_words tsvector,
  p_preview text, p_key text, p_model text, p_at bigint, p_max_messages integer,
  p_exchanges integer, p_pairs integer, p_bytes bigint, p_is_repeated boolean, p_day integer,
  p_reservation json, p_is_for_person boolean,
  OUT kind text, OUT conversation_id text, OUT earlier_turn text, OUT history json,
  OUT refused_by text, OUT is_for_now boolean
) LANGUAGE plpgsql AS $$
DECLARE
  known conversations%ROWTYPE;
  newest record;
  refusal record;
  is_new boolean := false;
  is_for_person boolean := p_is_for_person;
  asked bigint;
  added integer := 2;
BEGIN
  LOOP
    SELECT * INTO known FROM conversations WHERE session_id = p_session FOR NO KEY UPDATE;
    EXIT WHEN FOUND;
    IF p_reservation IS NOT NULL AND NOT is_for_person THEN
      refusal := spending_refusal(p_reservation, 0);
      IF refusal.refused_by IS NOT NULL THEN
        kind := 'refused';
        refused_by := refusal.refused_by;
        is_for_now := refusal.is_for_now;
        RETURN;
      END IF;
    END IF;
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
    IF added > 0 AND known.was_taken_over = 1 THEN
      is_for_person := is_for_person OR is_taken_over(known.seq, p_at);
    END IF;
    IF known.was_taken_over = 0 THEN
      history := sendable_exchanges(known.seq, asked, p_exchanges, p_pairs, p_bytes);
    ELSIF NOT is_for_person THEN
      history := exchanges_with_owner(known.seq, asked, p_exchanges, p_bytes);
    END IF;
  END IF;

  kind := 'begun';
  IF added = 0 THEN RETURN; END IF;
  IF p_reservation IS NOT NULL AND NOT is_for_person THEN
    refusal := hold_spending(p_turn, p_reservation, coalesce(
      -- No less than HistoryBuilder's mostTokens, of all that may be sent.
      (SELECT sum(16 + octet_length(e->>2) + (octet_length(e->>3) + coalesce(octet_length(e->>4), 0)) / 3)
        FROM json_array_elements(history) AS e), 0));
    IF refusal.refused_by IS NOT NULL THEN
      kind := 'refused';
      refused_by := refusal.refused_by;
      is_for_now := refusal.is_for_now;
      IF is_new THEN DELETE FROM conversations WHERE seq = known.seq; END IF;
      RETURN;
    END IF;
  END IF;
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

/**
 * finish_turn of turn-functions.ts, which also settles what the answer has cost, whether or not the answer is still there.
 */
const FINISH_TURN = `
CREATE FUNCTION finish_turn(
  p_turn text, p_content text, p_words tsvector, p_preview text, p_status text, p_finish_reason text,
  p_error_code text, p_prompt_tokens bigint, p_completion_tokens bigint, p_total_tokens bigint,
  p_first_token_ms bigint, p_duration_ms bigint, p_at bigint, p_tokens bigint, p_errors integer,
  p_counted_ms integer, p_is_repeated boolean, p_grounding text, p_sources text, p_day integer, p_spent json
) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
  answer record;
  settled record;
  has_ended boolean := false;
  has_ended_so boolean := false;
BEGIN
  SELECT id, conversation_seq INTO answer FROM messages WHERE turn_id = p_turn AND role = 'assistant';
  PERFORM FROM conversations WHERE seq = answer.conversation_seq FOR NO KEY UPDATE;
  settled := settle_held(p_turn, p_spent);
  UPDATE messages SET content = p_content, words = p_words, status = p_status,
    finish_reason = p_finish_reason, error_code = p_error_code, prompt_tokens = p_prompt_tokens,
    completion_tokens = p_completion_tokens, total_tokens = p_total_tokens,
    first_token_ms = p_first_token_ms, duration_ms = p_duration_ms, grounding = p_grounding,
    sources = coalesce(p_sources, sources), stop_requested = false,
    cost = CASE WHEN p_spent IS NULL THEN nullif(settled.held_cost, 0) ELSE (p_spent ->> 'cost')::bigint END
  WHERE id = answer.id AND status IS NOT DISTINCT FROM 'streaming';
  has_ended := FOUND;
  IF NOT has_ended THEN
    -- Where the connection was lost after the commit, this very ending is stored.
    has_ended_so := EXISTS (
      SELECT FROM messages WHERE id = answer.id AND status = p_status AND content = p_content
        AND error_code IS NOT DISTINCT FROM p_error_code
        AND duration_ms IS NOT DISTINCT FROM p_duration_ms
    );
  END IF;
  IF NOT settled.was_held AND NOT has_ended_so THEN
    PERFORM count_spent(p_turn, p_spent, has_ended);
  END IF;
  IF NOT has_ended THEN RETURN p_is_repeated AND has_ended_so; END IF;
  IF p_content <> '' THEN
    UPDATE conversations SET updated_at = greatest(updated_at, p_at), last_message = p_preview
    WHERE seq = answer.conversation_seq;
  END IF;
  IF p_tokens > 0 OR p_errors > 0 THEN
    PERFORM count_daily(p_day, 0, 0, p_tokens, p_errors);
  END IF;
  IF p_counted_ms IS NOT NULL THEN
    INSERT INTO daily_first_token AS d (day, ms, slot, answers)
    VALUES (p_day, p_counted_ms, pg_backend_pid() % 8, 1)
    ON CONFLICT (day, ms, slot) DO UPDATE SET answers = d.answers + 1;
  END IF;
  IF p_grounding IS NOT NULL THEN
    INSERT INTO daily_grounding AS d (day, grounding, slot, answers)
    VALUES (p_day, p_grounding, pg_backend_pid() % 8, 1)
    ON CONFLICT (day, grounding, slot) DO UPDATE SET answers = d.answers + 1;
  END IF;
  RETURN true;
END $$;
`;

export const SPENDING_TURN_FUNCTIONS = `${BEGIN_TURN}${FINISH_TURN}`;
