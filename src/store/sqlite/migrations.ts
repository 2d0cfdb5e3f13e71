/**
 * The schema as a list of steps, each run once in a transaction of its own. A released step is never
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

  -- Holds the index and no text; full-text.ts says what is put in. secure-delete: a deleted word
  -- is taken out of the index at once and not at some later merge.
  CREATE VIRTUAL TABLE messages_fts USING fts5 (
    content, content = '', tokenize = 'unicode61 remove_diacritics 2'
  );
  INSERT INTO messages_fts (messages_fts, rank) VALUES ('secure-delete', 1);

  CREATE TABLE secrets (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
  `,
];
