import type { NoticeEvent } from "../../conversation/notice-kinds.ts";

interface NoticeColumns {
  /** Expressions over the row of a trigger. */
  readonly conversation: string;
  readonly turn: string;
  readonly at: string;
}

/**
 * The statement of a trigger that adds a notice for each channel that wants the event. One whose conversation has others that
 * wait is tried after these. A notice says what is stored when it is sent, so while one waits, no second one is added.
 */
export function addNotices(
  kind: NoticeEvent,
  { conversation, turn, at }: NoticeColumns,
  condition = "true",
): string {
  return `INSERT INTO notices (event_id, channel, kind, conversation_seq, turn_id, at, next_at)
    SELECT 'msg_' || lower(hex(randomblob(16))), w.channel, w.kind, ${conversation}, ${turn}, ${at}, coalesce((
      SELECT max(n.next_at) FROM notices AS n
      WHERE n.conversation_seq = ${conversation} AND n.channel = w.channel AND n.state = 'waiting'
    ), ${at})
    FROM notices_wanted AS w WHERE w.kind = '${kind}' AND ${condition} AND NOT EXISTS (
      SELECT 1 FROM notices AS same WHERE same.conversation_seq = ${conversation}
        AND same.channel = w.channel AND same.turn_id = ${turn} AND same.kind = w.kind
        AND same.state = 'waiting' AND same.claimed_by IS NULL
    );`;
}

/** The columns of an answer that has ended. */
export const OF_ANSWER: NoticeColumns = {
  conversation: "new.conversation_seq",
  turn: "new.turn_id",
  at: "new.created_at + coalesce(new.duration_ms, 0)",
};

/** NULL where the newest message is the owner's. */
const NEWEST_TURN = `(SELECT turn_id FROM messages WHERE id = (
  SELECT max(id) FROM messages WHERE conversation_seq = new.seq) AND author IS NULL)`;
/** A takeover ends 30 minutes after the owner's last word (takeover-store.ts). */
const IS_FOR_A_PERSON = `${NEWEST_TURN} IS NOT NULL AND (new.is_wanted = 1 OR EXISTS (
  SELECT 1 FROM takeovers AS t WHERE t.conversation_seq = new.seq AND t.last_word_at > new.updated_at - 1800000))`;

/** The outbox (notice-store.ts). Its triggers fire for few turns, and write nothing that no channel wants. */
export const NOTICES_SCHEMA = `
  CREATE TABLE notices_wanted (
    kind    TEXT NOT NULL,
    channel TEXT NOT NULL,
    PRIMARY KEY (kind, channel)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE notices (
    seq              INTEGER PRIMARY KEY AUTOINCREMENT,
    event_id         TEXT NOT NULL,
    channel          TEXT NOT NULL,
    kind             TEXT NOT NULL,
    conversation_seq INTEGER REFERENCES conversations (seq) ON DELETE CASCADE,
    turn_id          TEXT,
    at               INTEGER NOT NULL,
    state            TEXT NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'delivered', 'given_up')),
    attempts         INTEGER NOT NULL DEFAULT 0,
    -- When it is tried again. While somebody tries it, when he is taken for dead.
    next_at          INTEGER NOT NULL,
    claimed_by       TEXT,
    ended_at         INTEGER,
    last_error       TEXT,
    receipt          TEXT
  ) STRICT;
  CREATE INDEX notices_due ON notices (channel, next_at, seq) WHERE state = 'waiting';
  CREATE INDEX notices_conversation ON notices (conversation_seq, channel, seq);
  CREATE INDEX notices_ended ON notices (state, ended_at) WHERE ended_at IS NOT NULL;
  CREATE UNIQUE INDEX notices_event ON notices (event_id, channel) WHERE conversation_seq IS NULL;
  CREATE INDEX notices_receipt ON notices (channel, receipt) WHERE receipt IS NOT NULL;
  -- How a channel does, a row each.
  CREATE TABLE notice_channels (
    channel      TEXT PRIMARY KEY,
    delivered_at INTEGER,
    failed_at    INTEGER,
    error        TEXT,
    off_address  TEXT,
    off_at       INTEGER
  ) STRICT;

  CREATE TRIGGER conversations_noticed AFTER INSERT ON conversations BEGIN
    ${addNotices("conversation.started", { conversation: "new.seq", turn: "NULL", at: "new.created_at" })}
  END;
  CREATE TRIGGER failures_noticed AFTER UPDATE OF status ON messages
    WHEN new.status IN ('failed', 'interrupted') BEGIN
    ${addNotices("answer.failed", OF_ANSWER)}
  END;
  CREATE TRIGGER unanswered_noticed AFTER UPDATE OF status ON messages WHEN new.grounding = 'none' BEGIN
    ${addNotices("question.unanswered", OF_ANSWER)}
  END;
  CREATE TRIGGER ratings_noticed AFTER UPDATE OF rated_at ON messages
    WHEN new.rating IS NOT NULL AND (
      new.rating IS NOT old.rating OR new.rating_comment IS NOT old.rating_comment
        OR new.rating_reasons IS NOT old.rating_reasons
    ) BEGIN
    ${addNotices("answer.rated", { ...OF_ANSWER, at: "new.rated_at" })}
  END;
  CREATE TRIGGER requests_noticed AFTER INSERT ON requests BEGIN
    ${addNotices("handoff.requested", { ...OF_ANSWER, at: "new.created_at" })}
  END;
  -- A question, by what it does to its conversation: others would have to look whether somebody waits for it.
  CREATE TRIGGER words_noticed AFTER UPDATE OF message_count ON conversations
    WHEN new.message_count > old.message_count AND (new.is_wanted = 1 OR new.was_taken_over = 1) BEGIN
    ${addNotices("visitor.wrote", { conversation: "new.seq", turn: NEWEST_TURN, at: "new.updated_at" }, IS_FOR_A_PERSON)}
  END;
`;
