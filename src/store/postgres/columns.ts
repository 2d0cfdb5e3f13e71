/**
 * The columns of the rows in store/rows.ts. Bun reads a bigint as text, so it is read as a double, which holds
 * every whole number that JavaScript does.
 */

export const CONVERSATION = `c.seq::float8 AS seq, c.id, c.session_id, c.created_at::float8 AS created_at,
  c.updated_at::float8 AS updated_at, c.last_message, c.message_count, c.unshown_count`;

export const MESSAGE = `m.id::float8 AS id, m.conversation_seq::float8 AS conversation_seq, m.turn_id, m.role,
  m.content, m.status, m.model, m.finish_reason, m.error_code, m.prompt_tokens::float8 AS prompt_tokens,
  m.completion_tokens::float8 AS completion_tokens, m.total_tokens::float8 AS total_tokens,
  m.first_token_ms::float8 AS first_token_ms, m.duration_ms::float8 AS duration_ms,
  m.grounding, m.sources, m.cost::float8 AS cost, m.rating, m.rating_reasons, m.rating_comment, m.rated_at::float8 AS rated_at,
  m.author, m.author_name, m.created_at::float8 AS created_at`;

/** Messages of all conversations that are not hidden. */
export const EXPORTED = `SELECT ${MESSAGE}, c.id AS conversation_id, c.session_id
  FROM messages AS m JOIN conversations AS c ON c.seq = m.conversation_seq AND c.updated_at >= 0`;

/** Answers with their questions, but for those of hidden conversations. */
export const TURNS = `SELECT ${MESSAGE}, m.owner, q.content AS question, c.id AS conversation_id, c.session_id
  FROM messages AS m JOIN messages AS q ON q.id = m.question_id
  JOIN conversations AS c ON c.seq = m.conversation_seq AND c.updated_at >= 0`;

/** UTF-8 takes at most three bytes for what counts as one character in JavaScript, and four for two. */
export const MOST_BYTES_OF_A_CHARACTER = 3;
