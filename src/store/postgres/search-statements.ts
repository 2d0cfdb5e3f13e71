import { timesOf } from "../conversation-pages.ts";
import type { ConversationFilter } from "../conversation-store.ts";
import { markCondition } from "../list-marks.ts";
import { listed } from "./list.ts";

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

/** A condition on a message, or on one named `newest`: that its conversation fits the filter. */
interface Fitting {
  readonly condition: string;
  /** Those of the statement, from $5 on. */
  readonly values: readonly number[];
}

export function fitting(filter: ConversationFilter): Fitting {
  const { from, to, mark } = filter;
  if (from === undefined && to === undefined && mark === undefined)
    return { condition: "true", values: [] };
  const times = timesOf(filter);
  return {
    condition: `EXISTS (SELECT FROM conversations AS c WHERE c.seq = conversation_seq
      AND c.updated_at >= $5::bigint AND c.updated_at < $6::bigint AND ${markCondition(mark)})`,
    values: [times.from, times.to],
  };
}

/**
 * The newest messages that match, before the id $3: $1 SearchQuery.candidates, $2 SearchQuery.certain, $4 how many.
 * PostgreSQL looks into the index, or at the newest messages one by one (search-plan.ts).
 */
export function newestMatches({ condition }: Fitting): string {
  return `SELECT id::float8 AS id, conversation_seq::float8 AS conversation, ${CERTAIN} AS certain
    FROM messages WHERE words @@ $1::tsquery AND id < $3::bigint AND ${condition}
    ORDER BY messages.id DESC LIMIT $4`;
}

/** The messages before an id, with or without a match: the values are as above. */
export function scan({ condition }: Fitting): string {
  return `SELECT count(words)::integer AS messages, min(id)::float8 AS oldest,
      coalesce(json_agg(
        json_build_object('id', id, 'conversation', conversation_seq, 'certain', ${CERTAIN})
        ORDER BY id DESC
      ) FILTER (WHERE words @@ $1::tsquery AND ${condition}), '[]') AS matches
    FROM (
      SELECT id, conversation_seq, words FROM messages
      WHERE id < $3::bigint ORDER BY id DESC LIMIT $4
    ) AS newest`;
}

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
 * The places of conversations: $1 is an array of their numbers. It is joined: with seq = ANY, a plan for any array
 * compares each conversation with each of its elements.
 */
export const PLACES = `SELECT c.seq::float8 AS seq, c.updated_at::float8 AS updated_at
  FROM unnest($1::bigint[]) AS found (seq) JOIN conversations AS c USING (seq)
  WHERE c.updated_at >= 0 ORDER BY c.updated_at DESC, c.seq DESC`;

/** What the list shows of conversations: $1 is an array of their numbers. */
export const FOUND_PAGE = `${listed(`(
    SELECT conversations.* FROM unnest($1::bigint[]) AS found (seq) JOIN conversations USING (seq)
  )`)} ORDER BY c.updated_at DESC, c.seq DESC`;

/** Messages by their ids: $1 is an array of these. */
export const FOUND_MESSAGES = `SELECT id::float8 AS id, role, content FROM messages
  WHERE id = ANY ($1::bigint[])`;
