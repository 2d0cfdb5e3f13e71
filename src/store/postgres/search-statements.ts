import { CONVERSATION } from "./columns.ts";

/** A message with all tokens of a search. `certain` is false where its text must be checked for the phrases. */
export interface MatchRow {
  readonly id: number;
  readonly conversation: number;
  readonly certain: boolean;
}

/** A part of the messages, without the index, and what it has. */
export interface ScanRow {
  /** How many, without answers under way. */
  readonly messages: number;
  /** The id of the oldest one. Null when there was none left. */
  readonly oldest: number | null;
  readonly matches: readonly MatchRow[];
}

const CERTAIN = "coalesce(words @@ $2::tsquery, true)";

/**
 * The newest messages that match: $1 SearchQuery.candidates, $2 SearchQuery.certain, $3 how many. PostgreSQL
 * looks into the index, or at the newest messages one by one, whichever it expects to be faster.
 */
export const NEWEST_MATCHES = `SELECT id::float8 AS id, conversation_seq::float8 AS conversation,
    ${CERTAIN} AS certain
  FROM messages WHERE words @@ $1::tsquery ORDER BY messages.id DESC LIMIT $3`;

/** The messages before an id: $1 and $2 as above, $3 the id, $4 how many are looked at. */
export const SCAN = `SELECT count(words)::integer AS messages, min(id)::float8 AS oldest,
    coalesce(json_agg(
      json_build_object('id', id, 'conversation', conversation_seq, 'certain', ${CERTAIN})
      ORDER BY id DESC
    ) FILTER (WHERE words @@ $1::tsquery), '[]') AS matches
  FROM (
    SELECT id, conversation_seq, words FROM messages
    WHERE id < $3::bigint ORDER BY id DESC LIMIT $4
  ) AS newest`;

/**
 * How many messages there are from the id $1 on, without answers under way. To count millions would take
 * longer than the search, so that more than $2 are estimated: by PostgreSQL's own estimate, and the ids.
 */
export const SEARCHED = `SELECT
    (CASE WHEN counted.messages <= $2::bigint THEN counted.messages - unfinished.messages
      ELSE greatest(estimate.messages, $2::bigint) END)::float8 AS messages
  FROM
    (SELECT count(*) AS messages FROM (
      SELECT FROM messages WHERE id >= $1::bigint LIMIT $2::bigint + 1
    ) AS bounded) AS counted,
    (SELECT count(*) AS messages FROM messages
      WHERE status = 'streaming' AND id >= $1::bigint) AS unfinished,
    (SELECT (
        (SELECT reltuples FROM pg_class WHERE oid = 'messages'::regclass)
        * (newest - greatest(oldest, $1::bigint) + 1) / (newest - oldest + 1)
      )::bigint AS messages
      FROM (SELECT max(id) AS newest, min(id) AS oldest FROM messages) AS ids) AS estimate`;

/**
 * $1: an array of numbers of conversations. The others are as in conversation-pages.ts. One row at least. The
 * array is joined: with seq = ANY, a plan for any array compares each conversation with each of its elements.
 */
export const FOUND_PAGE = `WITH fitting AS MATERIALIZED (
    SELECT seq, updated_at FROM unnest($1::bigint[]) AS found (seq) JOIN conversations USING (seq)
    WHERE updated_at >= $2::bigint AND updated_at < $3::bigint
  ), page AS (
    SELECT seq FROM fitting WHERE (updated_at, seq) < ($4::bigint, $5::bigint)
    ORDER BY updated_at DESC, seq DESC LIMIT $6
  )
  SELECT ${CONVERSATION}, fitted.total
  FROM (SELECT count(*)::float8 AS total FROM fitting) AS fitted
  LEFT JOIN (page JOIN conversations AS c USING (seq)) ON true
  ORDER BY c.updated_at DESC, c.seq DESC`;
