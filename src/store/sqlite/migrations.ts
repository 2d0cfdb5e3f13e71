import { IS_POOR } from "../unanswered-store.ts";
import { KNOWLEDGE_INDEX_SCHEMA } from "./knowledge-index-schema.ts";
import { addNotices, BUDGETS_NOTICED, NOTICES_SCHEMA, OF_ANSWER } from "./notice-triggers.ts";

/**
 * The schema as a list of steps. Each step runs once, in its own transaction. A released step is never
 * edited: a change is a new step at the end.
 */
export const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE conversations (
    seq           INTEGER PRIMARY KEY,
    id            TEXT NOT NULL UNIQUE,
    session_id    TEXT NOT NULL UNIQUE,
    created_at    INTEGER NOT NULL,
    updated_at    INTEGER NOT NULL,
    last_message  TEXT NOT NULL,
    message_count INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX conversations_newest ON conversations (updated_at DESC, seq DESC);

  CREATE TABLE messages (
    id                INTEGER PRIMARY KEY,
    conversation_seq  INTEGER NOT NULL REFERENCES conversations (seq),
    turn_id           TEXT NOT NULL,
    -- Of an answer. Two answers share a question that was asked again after the first one failed.
    question_id       INTEGER REFERENCES messages (id),
    role              TEXT NOT NULL CHECK (role IN ('user', 'assistant')),
    content           TEXT NOT NULL,
    status            TEXT NOT NULL CHECK (
      status IN ('complete', 'streaming', 'stopped', 'interrupted', 'failed')
    ),
    model             TEXT,
    finish_reason     TEXT,
    error_code        TEXT,
    prompt_tokens     INTEGER,
    completion_tokens INTEGER,
    total_tokens      INTEGER,
    first_token_ms    INTEGER,
    duration_ms       INTEGER,
    idempotency_key   TEXT,
    created_at        INTEGER NOT NULL
  ) STRICT;
  CREATE UNIQUE INDEX messages_turn ON messages (turn_id, role);
  CREATE INDEX messages_conversation ON messages (conversation_seq);
  CREATE INDEX messages_question ON messages (question_id) WHERE question_id IS NOT NULL;
  CREATE UNIQUE INDEX messages_idempotency ON messages (conversation_seq, idempotency_key)
    WHERE idempotency_key IS NOT NULL;
  CREATE INDEX messages_streaming ON messages (status) WHERE status = 'streaming';

  -- count(*) reads a whole table; the list of conversations shows the total on every page.
  CREATE TABLE totals (conversations INTEGER NOT NULL) STRICT;
  INSERT INTO totals VALUES (0);
  CREATE TRIGGER conversations_counted AFTER INSERT ON conversations BEGIN
    UPDATE totals SET conversations = conversations + 1;
  END;
  CREATE TRIGGER conversations_uncounted AFTER DELETE ON conversations BEGIN
    UPDATE totals SET conversations = conversations - 1;
  END;

  -- Holds the index and no text; search-words.ts says what is put in. secure-delete: a deleted word
  -- is taken out of the index at once and not at some later merge.
  CREATE VIRTUAL TABLE messages_fts USING fts5 (
    content, content = '', tokenize = 'unicode61 remove_diacritics 2'
  );
  INSERT INTO messages_fts (messages_fts, rank) VALUES ('secure-delete', 1);

  CREATE TABLE secrets (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
  `,
  `
  -- What the dashboard's charts show, a row a day: counted as it happens, so that no view of them
  -- reads the messages. A day is a number of days since 1970-01-01 (UTC).
  CREATE TABLE daily (
    day           INTEGER PRIMARY KEY,
    conversations INTEGER NOT NULL,
    messages      INTEGER NOT NULL,
    tokens        INTEGER NOT NULL,
    errors        INTEGER NOT NULL
  ) STRICT;
  -- A histogram: times to two significant digits, at most a few hundred rows a day.
  CREATE TABLE daily_first_token (
    day     INTEGER NOT NULL,
    ms      INTEGER NOT NULL,
    answers INTEGER NOT NULL,
    PRIMARY KEY (day, ms)
  ) STRICT, WITHOUT ROWID;

  INSERT INTO daily
  SELECT day, sum(conversations), sum(messages), sum(tokens), sum(errors) FROM (
    SELECT created_at / 86400000 AS day, 1 AS conversations, 0 AS messages, 0 AS tokens, 0 AS errors
    FROM conversations
    UNION ALL
    SELECT created_at / 86400000, 0, 1,
      coalesce(total_tokens, prompt_tokens + completion_tokens, 0),
      status IN ('failed', 'interrupted')
    FROM messages
  ) GROUP BY day;
  INSERT INTO daily_first_token
  SELECT created_at / 86400000, CASE
      WHEN first_token_ms < 100 THEN first_token_ms
      WHEN first_token_ms < 1000 THEN (first_token_ms + 5) / 10 * 10
      WHEN first_token_ms < 10000 THEN (first_token_ms + 50) / 100 * 100
      WHEN first_token_ms < 100000 THEN (first_token_ms + 500) / 1000 * 1000
      ELSE (first_token_ms + 5000) / 10000 * 10000
    END AS ms, count(*)
  FROM messages WHERE first_token_ms IS NOT NULL GROUP BY 1, 2;

  -- Logins of the dashboard.
  CREATE TABLE owner_sessions (
    hash       TEXT PRIMARY KEY,
    created_at INTEGER NOT NULL,
    used_at    INTEGER NOT NULL
  ) STRICT;
  `,
  `
  -- Messages that are not in messages_fts yet: answers under way, and what search-index.ts puts there
  -- next. Also finds, after a crash, the answers that were under way.
  CREATE TABLE unindexed (id INTEGER PRIMARY KEY) STRICT;
  INSERT INTO unindexed SELECT id FROM messages WHERE status = 'streaming';
  -- Every page that a turn changes is written: answers only, and no index of what is under way.
  DROP INDEX messages_streaming;
  DROP INDEX messages_turn;
  CREATE UNIQUE INDEX messages_turn ON messages (turn_id) WHERE role = 'assistant';
  `,
  `
  -- The same word in the same letters, however it was typed (search-words.ts), and marks are parts of words.
  -- To drop the index of a million messages takes a second; to build it takes a minute or more, which
  -- search-index.ts does in small steps, while the server runs.
  DROP TABLE messages_fts;
  CREATE VIRTUAL TABLE messages_fts USING fts5 (
    content, content = '',
    tokenize = "unicode61 remove_diacritics 2 categories 'L* M* N* Co'"
  );
  INSERT INTO messages_fts (messages_fts, rank) VALUES ('secure-delete', 1);
  -- Up to this message none is in the index yet. One row; 0 when all are.
  CREATE TABLE unsearchable (through INTEGER NOT NULL) STRICT;
  INSERT INTO unsearchable SELECT coalesce(max(id), 0) FROM messages;
  `,
  `
  -- Signs that the tokenizer takes for letters do not come into the index any more (search-words.ts).
  DROP TABLE messages_fts;
  CREATE VIRTUAL TABLE messages_fts USING fts5 (
    content, content = '',
    tokenize = "unicode61 remove_diacritics 2 categories 'L* M* N* Co'"
  );
  INSERT INTO messages_fts (messages_fts, rank) VALUES ('secure-delete', 1);
  UPDATE unsearchable SET through = (SELECT coalesce(max(id), 0) FROM messages);
  `,
  `
  -- The password of the dashboard, if its owner has chosen one there: one row at most.
  CREATE TABLE owner_password (
    id         INTEGER PRIMARY KEY CHECK (id = 1),
    hash       TEXT NOT NULL,
    changed_at INTEGER NOT NULL
  ) STRICT;
  -- Links by which the first password may be chosen.
  CREATE TABLE owner_claims (
    hash       TEXT PRIMARY KEY,
    expires_at INTEGER NOT NULL
  ) STRICT;
  `,
  `
  -- What the owner sets in the dashboard, by the names of the environment.
  CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
  CREATE TABLE widget_keys (
    id         TEXT PRIMARY KEY,
    name       TEXT NOT NULL,
    key        TEXT NOT NULL UNIQUE,
    made_at    INTEGER NOT NULL,
    revoked_at INTEGER
  ) STRICT;
  -- Its highest version is the version of the settings.
  CREATE TABLE audit (
    version   INTEGER NOT NULL,
    setting   TEXT NOT NULL,
    at        INTEGER NOT NULL,
    author    TEXT NOT NULL,
    old_value TEXT NOT NULL,
    new_value TEXT NOT NULL,
    PRIMARY KEY (version, setting)
  ) STRICT;
  CREATE TABLE instructions (
    version INTEGER PRIMARY KEY,
    text    TEXT NOT NULL,
    at      INTEGER NOT NULL,
    author  TEXT NOT NULL
  ) STRICT;
  CREATE TABLE refused_origins (
    origin  TEXT PRIMARY KEY,
    count   INTEGER NOT NULL,
    last_at INTEGER NOT NULL
  ) STRICT;
  `,
  `
  -- What was noticed of the owner's first steps: a website that has the tag, a model that was tried.
  CREATE TABLE setup_facts (
    topic   TEXT NOT NULL,
    subject TEXT NOT NULL,
    text    TEXT NOT NULL,
    at      INTEGER NOT NULL,
    PRIMARY KEY (topic, subject)
  ) STRICT;
  `,
  `
  -- What the bot knows (knowledge-store.ts).
  CREATE TABLE knowledge_sources (
    id             INTEGER PRIMARY KEY,
    kind           TEXT NOT NULL CHECK (kind IN ('site', 'page', 'files', 'notes')),
    uri            TEXT NOT NULL,
    every_hours    INTEGER,
    only_prefix    TEXT,
    ignores_robots INTEGER NOT NULL,
    created_at     INTEGER NOT NULL,
    next_at        INTEGER,
    started_at     INTEGER,
    ended_at       INTEGER,
    error          TEXT,
    -- Who reads it now, and until when nobody else does.
    claimed_by     TEXT,
    claimed_until  INTEGER,
    -- 1: it is gone for everybody, and its documents are being deleted.
    is_removed     INTEGER NOT NULL
  ) STRICT;
  CREATE UNIQUE INDEX knowledge_sources_uri ON knowledge_sources (uri) WHERE is_removed = 0;
  CREATE TABLE knowledge_documents (
    id            INTEGER PRIMARY KEY,
    source_id     INTEGER NOT NULL REFERENCES knowledge_sources (id),
    uri           TEXT NOT NULL UNIQUE,
    title         TEXT NOT NULL,
    -- Uri and title in lower case, for the owner's search.
    folded        TEXT NOT NULL,
    lang          TEXT,
    status        TEXT NOT NULL CHECK (status IN ('ok', 'failed', 'empty', 'skipped', 'off')),
    reason        TEXT,
    etag          TEXT,
    last_modified TEXT,
    hash          TEXT,
    sections      INTEGER NOT NULL,
    words         INTEGER NOT NULL,
    misses        INTEGER NOT NULL,
    checked_at    INTEGER NOT NULL,
    changed_at    INTEGER NOT NULL,
    original      TEXT
  ) STRICT;
  CREATE INDEX knowledge_documents_source ON knowledge_documents (source_id);
  -- The sections of one reading of a document. Without a document, it is being stored or deleted, in steps that
  -- are too short for visitors to notice.
  CREATE TABLE knowledge_editions (
    id           INTEGER PRIMARY KEY,
    document_id  INTEGER UNIQUE REFERENCES knowledge_documents (id),
    is_indexed   INTEGER NOT NULL,
    -- While it is being stored: until when nobody takes it for left over by a crash.
    stored_until INTEGER
  ) STRICT;
  CREATE TABLE knowledge_sections (
    -- Never used again, so that whoever remembers a section finds it or nothing.
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    edition_id INTEGER NOT NULL REFERENCES knowledge_editions (id),
    position   INTEGER NOT NULL,
    heading    TEXT NOT NULL,
    anchor     TEXT NOT NULL,
    text       TEXT NOT NULL
  ) STRICT;
  CREATE UNIQUE INDEX knowledge_sections_edition ON knowledge_sections (edition_id, position);
  ${KNOWLEDGE_INDEX_SCHEMA}
  -- Every question asks whether anything is known.
  CREATE TABLE knowledge_totals (
    documents INTEGER NOT NULL,
    sections  INTEGER NOT NULL,
    words     INTEGER NOT NULL
  ) STRICT;
  INSERT INTO knowledge_totals VALUES (0, 0, 0);
  CREATE TRIGGER knowledge_documents_counted AFTER INSERT ON knowledge_documents BEGIN
    UPDATE knowledge_totals SET documents = documents + (new.sections > 0),
      sections = sections + new.sections, words = words + new.words;
  END;
  CREATE TRIGGER knowledge_documents_recounted AFTER UPDATE OF sections, words ON knowledge_documents BEGIN
    UPDATE knowledge_totals SET documents = documents + (new.sections > 0) - (old.sections > 0),
      sections = sections + new.sections - old.sections, words = words + new.words - old.words;
  END;
  CREATE TRIGGER knowledge_documents_uncounted AFTER DELETE ON knowledge_documents BEGIN
    UPDATE knowledge_totals SET documents = documents - (old.sections > 0),
      sections = sections - old.sections, words = words - old.words;
  END;

  -- Of an answer: whether it stands on its sources, and these as JSON. No CHECK, which would read every message.
  ALTER TABLE messages ADD COLUMN grounding TEXT;
  ALTER TABLE messages ADD COLUMN sources TEXT;
  CREATE INDEX messages_unanswered ON messages (id) WHERE grounding = 'none';
  CREATE TABLE daily_grounding (
    day       INTEGER NOT NULL,
    grounding TEXT NOT NULL,
    answers   INTEGER NOT NULL,
    PRIMARY KEY (day, grounding)
  ) STRICT, WITHOUT ROWID;
  -- Questions that the owner does not want to see as unanswered any more.
  CREATE TABLE dismissed_questions (
    key          TEXT PRIMARY KEY,
    dismissed_at INTEGER NOT NULL
  ) STRICT;
  `,
  `
  -- Vectors of sections (vector-store.ts).
  CREATE TABLE knowledge_vectors (
    seq        INTEGER PRIMARY KEY AUTOINCREMENT,
    section_id INTEGER NOT NULL UNIQUE REFERENCES knowledge_sections (id) ON DELETE CASCADE,
    model      TEXT NOT NULL,
    vector     BLOB NOT NULL
  ) STRICT;
  CREATE INDEX knowledge_vectors_model ON knowledge_vectors (model, seq);
  `,
  `
  -- What the list of conversations is filtered by (list-marks.ts). The triggers fire when a mark is to change, and
  -- so not in most turns.
  ALTER TABLE conversations ADD COLUMN is_failed INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE conversations ADD COLUMN is_stopped INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE conversations ADD COLUMN is_unanswered INTEGER NOT NULL DEFAULT 0;
  CREATE INDEX conversations_failed ON conversations (updated_at DESC, seq DESC) WHERE is_failed = 1;
  CREATE INDEX conversations_stopped ON conversations (updated_at DESC, seq DESC) WHERE is_stopped = 1;
  CREATE INDEX conversations_unanswered ON conversations (updated_at DESC, seq DESC)
    WHERE is_unanswered = 1;
  CREATE TRIGGER answers_begun AFTER INSERT ON messages WHEN new.status = 'streaming' BEGIN
    UPDATE conversations SET is_failed = 0, is_stopped = 0
    WHERE seq = new.conversation_seq AND (is_failed = 1 OR is_stopped = 1);
  END;
  CREATE TRIGGER answers_marked AFTER UPDATE OF status ON messages
    WHEN new.status IN ('failed', 'interrupted', 'stopped') OR new.grounding = 'none' BEGIN
    UPDATE conversations SET is_failed = new.status IN ('failed', 'interrupted'),
      is_stopped = new.status = 'stopped',
      is_unanswered = max(is_unanswered, coalesce(new.grounding = 'none', 0))
    WHERE seq = new.conversation_seq;
  END;
  -- Up to this conversation none has its marks yet. One row, or none when all have.
  CREATE TABLE unmarked (through INTEGER NOT NULL) STRICT;
  INSERT INTO unmarked SELECT max(seq) FROM conversations HAVING max(seq) > 0;
  `,
  `
  -- Conversations that the owner has deleted and may still restore (hidden.ts). They are counted no more.
  ALTER TABLE conversations ADD COLUMN erase_at INTEGER;
  CREATE INDEX conversations_hidden ON conversations (erase_at) WHERE erase_at IS NOT NULL;
  DROP TRIGGER conversations_uncounted;
  CREATE TRIGGER conversations_uncounted AFTER DELETE ON conversations WHEN old.erase_at IS NULL BEGIN
    UPDATE totals SET conversations = conversations - 1;
  END;
  CREATE TRIGGER conversations_recounted AFTER UPDATE OF erase_at ON conversations BEGIN
    UPDATE totals SET conversations = conversations + (new.erase_at IS NULL) - (old.erase_at IS NULL);
  END;
  `,
  `
  -- Of an answer: what its visitor thinks of it (rating-store.ts). The reasons are JSON.
  ALTER TABLE messages ADD COLUMN rating TEXT;
  ALTER TABLE messages ADD COLUMN rating_reasons TEXT;
  ALTER TABLE messages ADD COLUMN rating_comment TEXT;
  ALTER TABLE messages ADD COLUMN rated_at INTEGER;
  CREATE INDEX messages_rated_down ON messages (conversation_seq) WHERE rating = 'negative';
  ALTER TABLE conversations ADD COLUMN is_rated_down INTEGER NOT NULL DEFAULT 0;
  CREATE INDEX conversations_rated_down ON conversations (updated_at DESC, seq DESC)
    WHERE is_rated_down = 1;
  CREATE TRIGGER answers_rated AFTER UPDATE OF rating ON messages WHEN new.rating IS NOT old.rating BEGIN
    UPDATE conversations SET is_rated_down = EXISTS (
      SELECT 1 FROM messages WHERE conversation_seq = new.conversation_seq AND rating = 'negative'
    ) WHERE seq = new.conversation_seq;
  END;
  CREATE TABLE daily_ratings (
    day     INTEGER NOT NULL,
    rating  TEXT NOT NULL,
    answers INTEGER NOT NULL,
    PRIMARY KEY (day, rating)
  ) STRICT, WITHOUT ROWID;
  `,
  `
  -- Visitors who want a person (request-store.ts).
  CREATE TABLE requests (
    id               TEXT NOT NULL PRIMARY KEY,
    conversation_seq INTEGER NOT NULL REFERENCES conversations (seq) ON DELETE CASCADE,
    turn_id          TEXT NOT NULL,
    contact_kind     TEXT NOT NULL CHECK (contact_kind IN ('email', 'phone')),
    contact          TEXT NOT NULL,
    note             TEXT,
    consent          TEXT NOT NULL,
    created_at       INTEGER NOT NULL,
    closed_at        INTEGER
  ) STRICT;
  CREATE INDEX requests_conversation ON requests (conversation_seq, created_at);
  CREATE INDEX requests_open ON requests (created_at DESC, id DESC) WHERE closed_at IS NULL;
  CREATE INDEX requests_closed ON requests (created_at DESC, id DESC) WHERE closed_at IS NOT NULL;
  ALTER TABLE conversations ADD COLUMN is_wanted INTEGER NOT NULL DEFAULT 0;
  CREATE INDEX conversations_wanted ON conversations (updated_at DESC, seq DESC) WHERE is_wanted = 1;
  CREATE TRIGGER requests_added AFTER INSERT ON requests WHEN new.closed_at IS NULL BEGIN
    UPDATE conversations SET is_wanted = 1 WHERE seq = new.conversation_seq;
  END;
  CREATE TRIGGER requests_changed AFTER UPDATE OF closed_at ON requests BEGIN
    UPDATE conversations SET is_wanted = EXISTS (
      SELECT 1 FROM requests WHERE conversation_seq = new.conversation_seq AND closed_at IS NULL
    ) WHERE seq = new.conversation_seq;
  END;
  `,
  `
  -- Conversations that the owner has taken over (takeover-store.ts), and what he writes in them: messages with an
  -- author and without a question. was_taken_over is 1 once he did, so that other questions look for nothing.
  ALTER TABLE conversations ADD COLUMN was_taken_over INTEGER NOT NULL DEFAULT 0;
  CREATE TABLE takeovers (
    conversation_seq INTEGER PRIMARY KEY REFERENCES conversations (seq) ON DELETE CASCADE,
    name             TEXT NOT NULL,
    begun_at         INTEGER NOT NULL,
    last_word_at     INTEGER NOT NULL
  ) STRICT;
  ALTER TABLE messages ADD COLUMN author TEXT;
  ALTER TABLE messages ADD COLUMN author_name TEXT;
  `,
  NOTICES_SCHEMA,
  `
  -- Questions without a good answer (unanswered-store.ts), and which of those that the owner is done with he has answered.
  DROP INDEX messages_unanswered;
  CREATE INDEX messages_poor ON messages (id) WHERE ${IS_POOR};
  ALTER TABLE dismissed_questions ADD COLUMN is_answered INTEGER NOT NULL DEFAULT 0;
  DROP TRIGGER unanswered_noticed;
  CREATE TRIGGER unanswered_noticed AFTER UPDATE OF status ON messages
    WHEN new.grounding IN ('none', 'unsourced') BEGIN
    ${addNotices("question.unanswered", OF_ANSWER)}
  END;
  `,
  `
  -- How the questions of written answers were answered when they were tested last (answer-test-store.ts).
  CREATE TABLE answer_tests (
    document_id INTEGER PRIMARY KEY REFERENCES knowledge_documents (id) ON DELETE CASCADE,
    tested_at   INTEGER NOT NULL,
    answer      TEXT NOT NULL,
    grounding   TEXT,
    sources     TEXT
  ) STRICT;
  `,
  `
  -- What the model costs (spending-store.ts): sums, and what is set aside for calls under way. A period is a day or a month;
  -- the party '' is everybody.
  CREATE TABLE spending (
    period        TEXT NOT NULL,
    party         TEXT NOT NULL,
    input_tokens  INTEGER NOT NULL DEFAULT 0,
    output_tokens INTEGER NOT NULL DEFAULT 0,
    cost          INTEGER NOT NULL DEFAULT 0,
    warned_at     INTEGER,
    warned_limit  INTEGER,
    reached_at    INTEGER,
    reached_limit INTEGER,
    PRIMARY KEY (period, party)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE spending_held (
    id            TEXT NOT NULL PRIMARY KEY,
    owner         TEXT NOT NULL,
    day           TEXT NOT NULL,
    month         TEXT NOT NULL,
    input_tokens  INTEGER NOT NULL,
    output_tokens INTEGER NOT NULL,
    cost          INTEGER NOT NULL,
    parties       TEXT NOT NULL,
    at            INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX spending_held_commands ON spending_held (owner) WHERE owner = 'command';
  ALTER TABLE messages ADD COLUMN cost INTEGER;
  ${BUDGETS_NOTICED}
  `,
  `
  -- How many of the messages are empty answers to questions that are left to a person, which are not shown.
  ALTER TABLE conversations ADD COLUMN unshown_count INTEGER NOT NULL DEFAULT 0;
  UPDATE conversations SET unshown_count = (
    SELECT count(*) FROM messages
    WHERE conversation_seq = conversations.seq AND finish_reason = 'person' AND content = ''
  ) WHERE was_taken_over = 1 OR seq IN (SELECT conversation_seq FROM requests);
  CREATE TRIGGER unshown_counted AFTER UPDATE OF finish_reason ON messages
    WHEN new.finish_reason = 'person' AND new.content = '' AND old.finish_reason IS NULL BEGIN
    UPDATE conversations SET unshown_count = unshown_count + 1 WHERE seq = new.conversation_seq;
  END;
  `,
  `
  -- What is set aside for an answer under way is kept in its own row, which is written anyway: the columns of spending_held
  -- but for the id, as a JSON array.
  ALTER TABLE messages ADD COLUMN held TEXT;
  UPDATE messages SET held = (
    SELECT json_array(owner, day, month, input_tokens, output_tokens, cost, json(parties), at)
    FROM spending_held WHERE spending_held.id = turn_id
  ) WHERE id IN (SELECT id FROM unindexed) AND role = 'assistant' AND status = 'streaming';
  DELETE FROM spending_held WHERE id IN (
    SELECT turn_id FROM messages WHERE id IN (SELECT id FROM unindexed) AND held IS NOT NULL
  );
  -- Where an answer is stopped or erased without being settled, it is still set aside.
  CREATE TRIGGER held_beyond_end AFTER UPDATE OF status ON messages
    WHEN new.held IS NOT NULL AND new.status <> 'streaming' BEGIN
    INSERT INTO spending_held VALUES (${heldOf("new.")});
    UPDATE messages SET held = NULL WHERE id = new.id;
  END;
  CREATE TRIGGER held_beyond_erasure AFTER DELETE ON messages WHEN old.held IS NOT NULL BEGIN
    INSERT INTO spending_held VALUES (${heldOf("old.")});
  END;
  `,
];

/** The values of a row of spending_held for what is set aside for an answer. */
function heldOf(answer: "new." | "old."): string {
  const held = `${answer}held`;
  const values = [0, 1, 2, 3, 4, 5].map((index) => `${held} ->> ${index}`);
  return [`${answer}turn_id`, ...values, `${held} -> 6`, `${held} ->> 7`].join(", ");
}
