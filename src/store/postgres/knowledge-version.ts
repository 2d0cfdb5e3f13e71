/**
 * Raises the version of what the bot knows and locks it until the commit, so that replicas see the versions in the
 * order of the commits. Every transaction that changes what is found begins with it.
 */
export const RAISE_KNOWLEDGE = `INSERT INTO knowledge_state AS s (id, version) VALUES (1, 1)
  ON CONFLICT (id) DO UPDATE SET version = s.version + 1 RETURNING version::float8 AS version`;
