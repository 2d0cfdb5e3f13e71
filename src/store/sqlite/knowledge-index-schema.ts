/**
 * The full-text index of the sections. There are two tables whose scores are added: FTS5 weighs a row by the
 * length of all its columns, so in one table a long text would bury a title that fits. `ascii` leaves every
 * other character alone, so that a word is stored as the word analysis makes it. The texts themselves are not
 * in it. It has no `secure-delete`, which costs five times as much: what was deleted leaves with a merge.
 */
export const KNOWLEDGE_INDEX_SCHEMA = `
  CREATE VIRTUAL TABLE knowledge_head USING fts5 (
    words, content = '', contentless_delete = 1, tokenize = 'ascii'
  );
  CREATE VIRTUAL TABLE knowledge_body USING fts5 (
    words, content = '', contentless_delete = 1, tokenize = 'ascii'
  );
  -- FTS5's own merging makes some commits take 25 ms, and deletions four times as long. KnowledgeIndex merges in
  -- smaller pieces instead.
  INSERT INTO knowledge_head (knowledge_head, rank)
    VALUES ('automerge', 0), ('crisismerge', 64), ('deletemerge', 0);
  INSERT INTO knowledge_body (knowledge_body, rank)
    VALUES ('automerge', 0), ('crisismerge', 64), ('deletemerge', 0);
  -- One row. analyzer: the version of the word analysis that made the words; empty before the first one.
  -- through: up to this section some may be missing, while the index is made anew. merge: what was deleted is
  -- still in the file (due), or is leaving it (going).
  CREATE TABLE knowledge_index (
    analyzer TEXT NOT NULL,
    through  INTEGER NOT NULL,
    merge    TEXT NOT NULL CHECK (merge IN ('none', 'due', 'going'))
  ) STRICT;
  INSERT INTO knowledge_index (analyzer, through, merge) VALUES ('', 0, 'none');
`;
