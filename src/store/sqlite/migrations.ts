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
];
