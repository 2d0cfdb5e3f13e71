import type { NoticeEvent } from "../../conversation/notice-kinds.ts";
import { BEHIND_ANOTHER, SPACING_MS } from "../notice-store.ts";

/** The columns of a trigger's row, as expressions. */
interface NoticeColumns {
  readonly conversation: string;
  readonly turn: string;
  readonly at: string;
}

/** A function for triggers that adds a notice for each channel that wants the event. */
function noticeFunction(
  name: string,
  kind: NoticeEvent,
  { conversation, turn, at }: NoticeColumns,
): string {
  return `CREATE FUNCTION ${name}() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN
    PERFORM add_notices('${kind}', ${conversation}, ${turn}, ${at});
    RETURN NULL;
  END $$;`;
}

const OF_ANSWER: NoticeColumns = {
  conversation: "new.conversation_seq",
  turn: "new.turn_id",
  at: "new.created_at + coalesce(new.duration_ms, 0)",
};

/**
 * A notice says what is stored when it is sent, so while one of the same turn waits, no second one is added. What a visitor
 * could repeat without end comes once a minute. See BEHIND_ANOTHER and SPACING_MS. The row of the conversation is locked, so
 * that nobody ends the notice before it meanwhile.
 */
const ADD_NOTICES = `
CREATE FUNCTION add_notices(p_kind text, p_conversation bigint, p_turn text, p_at bigint)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  same_turn text := CASE WHEN p_kind <> 'visitor.wrote' THEN p_turn END;
BEGIN
  -- To begin the statement below takes 40 µs, which nobody should pay for nothing.
  IF NOT EXISTS (SELECT FROM notices_wanted WHERE kind = p_kind) THEN RETURN; END IF;
  INSERT INTO notices (event_id, channel, kind, conversation_seq, turn_id, at, not_before, next_at)
  SELECT 'msg_' || replace(gen_random_uuid()::text, '-', ''), n.channel, p_kind, p_conversation, p_turn, p_at,
    n.not_before, CASE WHEN EXISTS (
      SELECT FROM notices AS o
      WHERE o.conversation_seq = p_conversation AND o.channel = n.channel AND o.state = 'waiting'
    ) THEN ${BEHIND_ANOTHER} ELSE n.not_before END
  FROM (
    SELECT w.channel, CASE WHEN p_kind NOT IN ('visitor.wrote', 'answer.rated') THEN p_at
      ELSE greatest(p_at, ${SPACING_MS} + (
        SELECT max(r.next_at) FROM notices AS r
        WHERE r.conversation_seq = p_conversation AND r.channel = w.channel AND r.kind = p_kind
          AND r.next_at BETWEEN p_at - ${SPACING_MS} + 1 AND p_at + ${SPACING_MS}
          AND (same_turn IS NULL OR r.turn_id = same_turn)
          AND (p_kind <> 'visitor.wrote' OR r.next_at > coalesce((
            SELECT t.last_word_at FROM takeovers AS t
            WHERE t.conversation_seq = p_conversation AND t.last_word_at <= p_at), 0))
      )) END AS not_before
    FROM notices_wanted AS w WHERE w.kind = p_kind AND NOT EXISTS (
      SELECT FROM notices AS same WHERE same.conversation_seq = p_conversation AND same.channel = w.channel
        AND same.kind = w.kind AND same.state = 'waiting' AND same.claimed_by IS NULL
        AND (same.turn_id = p_turn OR p_kind = 'visitor.wrote')
    )
  ) AS n;
  -- It does not wait for the spacing of what was before it.
  IF p_kind NOT IN ('visitor.wrote', 'answer.rated', 'conversation.started') THEN
    UPDATE notices SET not_before = p_at,
      next_at = CASE next_at WHEN ${BEHIND_ANOTHER} THEN next_at ELSE p_at END
    WHERE conversation_seq = p_conversation AND state = 'waiting' AND attempts = 0 AND not_before > p_at
      AND channel IN (SELECT channel FROM notices_wanted WHERE kind = p_kind);
  END IF;
END $$;
`;

/** Stores how an attempt has ended, as NoticeStore.endAttempt says. */
const END_ATTEMPT = `
CREATE FUNCTION end_attempt(
  p_seq bigint, p_owner text, p_state text, p_at bigint, p_next_at bigint, p_receipt text, p_error text
) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
  ended record;
BEGIN
  SELECT channel, conversation_seq INTO ended FROM notices WHERE seq = p_seq;
  -- Nobody adds one behind it meanwhile.
  PERFORM FROM conversations WHERE seq = ended.conversation_seq FOR NO KEY UPDATE;
  IF p_state = 'dropped' THEN
    DELETE FROM notices WHERE seq = p_seq AND claimed_by = p_owner;
  ELSE
    UPDATE notices SET state = p_state, next_at = p_next_at, last_error = p_error, receipt = p_receipt,
      ended_at = CASE WHEN p_state <> 'waiting' THEN p_at END, claimed_by = NULL,
      attempts = attempts + (p_state <> 'waiting' OR p_error IS NOT NULL)::integer
    WHERE seq = p_seq AND claimed_by = p_owner;
  END IF;
  IF NOT FOUND THEN RETURN false; END IF;
  IF p_state <> 'waiting' THEN
    UPDATE notices SET next_at = greatest(not_before, p_at) WHERE next_at = ${BEHIND_ANOTHER} AND seq = (
      SELECT seq FROM notices WHERE conversation_seq = ended.conversation_seq AND channel = ended.channel
        AND state = 'waiting' ORDER BY seq LIMIT 1
    );
  END IF;
  IF p_state = 'delivered' OR p_error IS NOT NULL THEN
    PERFORM note_attempt(ended.channel, p_at, p_error);
  END IF;
  RETURN true;
END $$;
`;

/** How a channel does. Without an error, an attempt has succeeded. */
const NOTE_ATTEMPT = `
CREATE FUNCTION note_attempt(p_channel text, p_at bigint, p_error text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF p_error IS NULL THEN
    INSERT INTO notice_channels AS c (channel, delivered_at) VALUES (p_channel, p_at)
    ON CONFLICT (channel) DO UPDATE SET delivered_at = excluded.delivered_at;
  ELSE
    INSERT INTO notice_channels AS c (channel, failed_at, error) VALUES (p_channel, p_at, p_error)
    ON CONFLICT (channel) DO UPDATE SET failed_at = excluded.failed_at, error = excluded.error;
  END IF;
END $$;
`;

const SWITCH_OFF = `
CREATE FUNCTION switch_channel_off(p_channel text, p_address text, p_at bigint, p_error text)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO notice_channels AS c (channel, off_address, off_at) VALUES (p_channel, p_address, p_at)
  ON CONFLICT (channel) DO UPDATE SET off_address = excluded.off_address, off_at = excluded.off_at;
  DELETE FROM notices_wanted WHERE channel = p_channel;
  UPDATE notices SET state = 'given_up', next_at = p_at, ended_at = p_at, last_error = p_error, claimed_by = NULL
  WHERE channel = p_channel AND state = 'waiting';
END $$;
`;

/**
 * A notice of no conversation has the period of the budget in place of a turn. The columns are set only where a budget is
 * noted for the first time.
 */
export const BUDGETS_NOTICED = `
  ${noticeFunction("notice_budget_warning", "budget.warning", { conversation: "NULL", turn: "new.period", at: "new.warned_at" })}
  CREATE TRIGGER budget_warned AFTER UPDATE OF warned_at ON spending FOR EACH ROW
    EXECUTE FUNCTION notice_budget_warning();
  ${noticeFunction("notice_budget_reached", "budget.reached", { conversation: "NULL", turn: "new.period", at: "new.reached_at" })}
  CREATE TRIGGER budget_reached AFTER UPDATE OF reached_at ON spending FOR EACH ROW
    EXECUTE FUNCTION notice_budget_reached();
`;

/** The outbox (notice-store.ts). Its triggers fire for few turns, and write nothing that no channel wants. */
export const NOTICES_SCHEMA = `
  CREATE TABLE notices_wanted (
    kind    text COLLATE "C" NOT NULL,
    channel text COLLATE "C" NOT NULL,
    PRIMARY KEY (kind, channel)
  );
  -- No foreign key: whoever adds notices has locked the row of their conversation.
  CREATE TABLE notices (
    seq              bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    event_id         text COLLATE "C" NOT NULL,
    channel          text COLLATE "C" NOT NULL,
    kind             text COLLATE "C" NOT NULL,
    conversation_seq bigint,
    turn_id          text COLLATE "C",
    at               bigint NOT NULL,
    state            text COLLATE "C" NOT NULL DEFAULT 'waiting' CHECK (
      state IN ('waiting', 'delivered', 'given_up')
    ),
    attempts         integer NOT NULL DEFAULT 0,
    not_before       bigint NOT NULL,
    -- When it is tried next. While somebody tries it, when he is taken for dead. Once it has ended, when that was.
    next_at          bigint NOT NULL,
    claimed_by       text COLLATE "C",
    ended_at         bigint,
    last_error       text,
    receipt          text COLLATE "C"
  ) WITH (fillfactor = 80);
  CREATE INDEX notices_due ON notices (channel, next_at, seq) WHERE state = 'waiting';
  CREATE INDEX notices_order ON notices (conversation_seq, channel, seq) WHERE state = 'waiting';
  CREATE INDEX notices_recent ON notices (conversation_seq, kind, channel, next_at);
  CREATE INDEX notices_delivered ON notices (ended_at) WHERE state = 'delivered';
  CREATE INDEX notices_given_up ON notices (channel, ended_at) WHERE state = 'given_up';
  CREATE UNIQUE INDEX notices_event ON notices (event_id, channel) WHERE conversation_seq IS NULL;
  CREATE INDEX notices_receipt ON notices (channel, receipt) WHERE receipt IS NOT NULL;
  -- How a channel does, a row each.
  CREATE TABLE notice_channels (
    channel      text COLLATE "C" PRIMARY KEY,
    delivered_at bigint,
    failed_at    bigint,
    error        text,
    off_address  text,
    off_at       bigint
  ) WITH (fillfactor = 50);
  ${ADD_NOTICES}${NOTE_ATTEMPT}${END_ATTEMPT}${SWITCH_OFF}
  ${noticeFunction("notice_conversation", "conversation.started", { conversation: "new.seq", turn: "NULL", at: "new.created_at" })}
  CREATE TRIGGER conversations_noticed AFTER INSERT ON conversations FOR EACH ROW
    EXECUTE FUNCTION notice_conversation();
  ${noticeFunction("notice_failure", "answer.failed", OF_ANSWER)}
  CREATE TRIGGER failures_noticed AFTER UPDATE OF status ON messages FOR EACH ROW
    WHEN (new.status IN ('failed', 'interrupted')) EXECUTE FUNCTION notice_failure();
  ${noticeFunction("notice_unanswered", "question.unanswered", OF_ANSWER)}
  CREATE TRIGGER unanswered_noticed AFTER UPDATE OF status ON messages FOR EACH ROW
    WHEN (new.grounding = 'none') EXECUTE FUNCTION notice_unanswered();
  ${noticeFunction("notice_rating", "answer.rated", { ...OF_ANSWER, at: "new.rated_at" })}
  CREATE TRIGGER ratings_noticed AFTER UPDATE OF rated_at ON messages FOR EACH ROW
    WHEN (new.rating IS NOT NULL AND (new.rating, new.rating_comment, new.rating_reasons)
      IS DISTINCT FROM (old.rating, old.rating_comment, old.rating_reasons))
    EXECUTE FUNCTION notice_rating();
  ${noticeFunction("notice_request", "handoff.requested", { ...OF_ANSWER, at: "new.created_at" })}
  CREATE TRIGGER requests_noticed AFTER INSERT ON requests FOR EACH ROW EXECUTE FUNCTION notice_request();
  -- A question, by what it does to its conversation: others would have to look whether somebody waits for it.
  CREATE FUNCTION notice_words() RETURNS trigger LANGUAGE plpgsql AS $$
  DECLARE
    newest record;
  BEGIN
    SELECT turn_id, author, created_at INTO newest FROM messages
    WHERE conversation_seq = new.seq ORDER BY id DESC LIMIT 1;
    IF newest.author IS NULL AND (new.is_wanted = 1 OR is_taken_over(new.seq, newest.created_at)) THEN
      PERFORM add_notices('visitor.wrote', new.seq, newest.turn_id, newest.created_at);
    END IF;
    RETURN NULL;
  END $$;
  CREATE TRIGGER words_noticed AFTER UPDATE OF message_count ON conversations FOR EACH ROW
    WHEN (new.message_count > old.message_count AND (new.is_wanted = 1 OR new.was_taken_over = 1))
    EXECUTE FUNCTION notice_words();
  -- Erasing a conversation erases its notices.
  CREATE FUNCTION erase_notices() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN
    DELETE FROM notices AS n USING gone WHERE n.conversation_seq = gone.seq;
    RETURN NULL;
  END $$;
  CREATE TRIGGER conversations_unnoticed AFTER DELETE ON conversations
    REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION erase_notices();
`;
