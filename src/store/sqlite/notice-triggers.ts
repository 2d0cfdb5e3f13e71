import type { NoticeEvent } from "../../conversation/notice-kinds.ts";
import { BEHIND_ANOTHER, SPACING_MS } from "../notice-store.ts";

interface NoticeColumns {
  /** Expressions over the row of a trigger. */
  readonly conversation: string;
  readonly turn: string;
  readonly at: string;
}

/** The kinds that a visitor could repeat without end: by conversation, or by turn. */
const SPACED: Readonly<Partial<Record<NoticeEvent, "conversation" | "turn">>> = {
  "visitor.wrote": "conversation",
  "answer.rated": "turn",
};

/** A new conversation has no others. */
function mayFollow(kind: NoticeEvent): boolean {
  return SPACED[kind] === undefined && kind !== "conversation.started";
}

/**
 * The statements of a trigger that add a notice for each channel that wants the event. A notice says what is stored when it
 * is sent, so while one of the same turn waits, no second one is added. See BEHIND_ANOTHER and SPACING_MS.
 */
export function addNotices(
  kind: NoticeEvent,
  { conversation, turn, at }: NoticeColumns,
  condition = "true",
): string {
  const isSame = (row: string) =>
    SPACED[kind] === "conversation" ? "true" : `${row}.turn_id = ${turn}`;
  const of = (row: string, wanted = "w") =>
    `${row}.conversation_seq = ${conversation} AND ${row}.channel = ${wanted}.channel`;
  const isNews =
    SPACED[kind] === "conversation"
      ? ` AND r.next_at > coalesce((
          SELECT t.last_word_at FROM takeovers AS t
          WHERE t.conversation_seq = ${conversation} AND t.last_word_at <= ${at}), 0)`
      : "";
  const spaced = `max(${at}, ${SPACING_MS} + coalesce((
      SELECT max(r.next_at) FROM notices AS r WHERE ${of("r")} AND r.kind = w.kind AND ${isSame("r")}
        AND r.next_at BETWEEN ${at} - ${SPACING_MS} + 1 AND ${at} + ${SPACING_MS}${isNews}
    ), 0))`;
  return `INSERT INTO notices (event_id, channel, kind, conversation_seq, turn_id, at, not_before, next_at)
    SELECT 'msg_' || lower(hex(randomblob(16))), n.channel, n.kind, ${conversation}, ${turn}, ${at}, n.not_before,
      CASE WHEN EXISTS (
        SELECT 1 FROM notices AS o WHERE ${of("o", "n")} AND o.state = 'waiting'
      ) THEN ${BEHIND_ANOTHER} ELSE n.not_before END
    FROM (
      SELECT w.channel, w.kind, ${SPACED[kind] === undefined ? at : spaced} AS not_before
      FROM notices_wanted AS w WHERE w.kind = '${kind}' AND ${condition} AND NOT EXISTS (
        -- The plus keeps SQLite from the index that has everything that was ever sent.
        SELECT 1 FROM notices AS same WHERE ${of("same")} AND +same.kind = w.kind AND ${isSame("same")}
          AND same.state = 'waiting' AND same.claimed_by IS NULL
      )
    ) AS n;${mayFollow(kind) ? endSpacing(kind, { conversation, at }) : ""}`;
}

/** Does not have an event wait for the spacing of what was before it. */
function endSpacing(
  kind: NoticeEvent,
  { conversation, at }: Pick<NoticeColumns, "conversation" | "at">,
): string {
  return `
    UPDATE notices SET not_before = ${at},
      next_at = CASE next_at WHEN ${BEHIND_ANOTHER} THEN next_at ELSE ${at} END
    WHERE conversation_seq = ${conversation} AND state = 'waiting' AND attempts = 0 AND not_before > ${at}
      AND channel IN (SELECT channel FROM notices_wanted WHERE kind = '${kind}');`;
}

/**
 * A notice of no conversation has the period of the budget in place of a turn. The columns are set only where a budget is
 * noted for the first time.
 */
export const BUDGETS_NOTICED = `
  CREATE TRIGGER budget_warned AFTER UPDATE OF warned_at ON spending BEGIN
    ${addNotices("budget.warning", { conversation: "NULL", turn: "new.period", at: "new.warned_at" })}
  END;
  CREATE TRIGGER budget_reached AFTER UPDATE OF reached_at ON spending BEGIN
    ${addNotices("budget.reached", { conversation: "NULL", turn: "new.period", at: "new.reached_at" })}
  END;
`;

/** The columns of an answer that has ended. */
export const OF_ANSWER: NoticeColumns = {
  conversation: "new.conversation_seq",
  turn: "new.turn_id",
  at: "new.created_at + coalesce(new.duration_ms, 0)",
};

/** NULL where the newest message is the owner's. */
const NEWEST_TURN = `(SELECT turn_id FROM messages WHERE id = (
  SELECT max(id) FROM messages WHERE conversation_seq = new.seq) AND author IS NULL)`;
/** A takeover lasts within 30 minutes of the owner's last word (takeover-store.ts). */
const IS_FOR_A_PERSON = `${NEWEST_TURN} IS NOT NULL AND (new.is_wanted = 1 OR EXISTS (
  SELECT 1 FROM takeovers AS t WHERE t.conversation_seq = new.seq AND abs(new.updated_at - t.last_word_at) < 1800000))`;

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
    not_before       INTEGER NOT NULL,
    -- When it is tried next. While somebody tries it, when he is taken for dead. Once it has ended, when that was.
    next_at          INTEGER NOT NULL,
    claimed_by       TEXT,
    ended_at         INTEGER,
    last_error       TEXT,
    receipt          TEXT
  ) STRICT;
  CREATE INDEX notices_due ON notices (channel, next_at, seq) WHERE state = 'waiting';
  CREATE INDEX notices_order ON notices (conversation_seq, channel, seq) WHERE state = 'waiting';
  CREATE INDEX notices_recent ON notices (conversation_seq, kind, channel, next_at);
  CREATE INDEX notices_delivered ON notices (ended_at) WHERE state = 'delivered';
  CREATE INDEX notices_given_up ON notices (channel, ended_at) WHERE state = 'given_up';
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
