import {
  boundsOf,
  cutPage,
  keysOf,
  neighbourOf,
  type Place,
  timesOf,
  toKeyPage,
  toPage,
} from "../conversation-pages.ts";
import type {
  ConversationFilter,
  ConversationPage,
  ConversationStore,
  KeyPage,
} from "../conversation-store.ts";
import { markCondition } from "../list-marks.ts";
import { PREVIEW_LENGTH, PREVIEW_SOURCE_LENGTH } from "../preview.ts";
import type { ErasableRow, ListedRow } from "../rows.ts";
import { CONVERSATION } from "./columns.ts";
import type { Pool } from "./pool.ts";

interface ListParts {
  readonly pool: Pool;
  /** @throws TooManySearchesError */
  readonly search: (filter: ConversationFilter) => Promise<ConversationPage>;
}

/** The list of conversations. A page is read through an index, beginning at a position. */
export function createList({
  pool,
  search,
}: ListParts): Pick<
  ConversationStore,
  "listConversations" | "listKeys" | "countNewer" | "findNeighbour"
> {
  async function page(filter: ConversationFilter): Promise<ConversationPage> {
    const found = await readRows<ListedRow>(pool, filter, listed);
    const { rows, hasNext } = cutPage(found, filter);
    const place = filter.cursor && (rows[0] ?? boundsOf(filter).start);
    return toPage({ rows, hasNext, ...(await count(pool, filter, place)) }, filter);
  }

  const list = (filter: ConversationFilter) =>
    filter.search === undefined ? page(filter) : search(filter);

  const listKeys = async (filter: ConversationFilter): Promise<KeyPage> =>
    filter.search === undefined
      ? toKeyPage(await readRows<ErasableRow & Place>(pool, filter, keys), filter)
      : keysOf(await search(filter), filter);

  return {
    listConversations: list,
    listKeys,

    async countNewer(filter, { updatedAt, position }) {
      return (await count(pool, filter, { updated_at: updatedAt, seq: position })).newer;
    },

    async findNeighbour(conversationId, filter, side) {
      const [place] = await pool.query<Place>(
        `SELECT seq::float8 AS seq, updated_at::float8 AS updated_at FROM conversations
         WHERE id = $1 AND updated_at >= 0`,
        [conversationId],
      );
      return place && neighbourOf(listKeys, place, filter, side);
    },
  };
}

/** @param select makes the statement that reads what is needed of certain conversations */
function readRows<Row>(
  pool: Pool,
  filter: ConversationFilter,
  select: (conversations: string) => string,
): Promise<readonly Row[]> {
  const { from, to, start, isBackwards, size } = boundsOf(filter);
  const order = isBackwards ? "c.updated_at, c.seq" : "c.updated_at DESC, c.seq DESC";
  const bounds = isBackwards
    ? "(c.updated_at, c.seq) > ($1::bigint, $2::bigint) AND c.updated_at < $3::bigint"
    : "(c.updated_at, c.seq) < ($1::bigint, $2::bigint) AND c.updated_at >= $3::bigint";
  const conversations = `(SELECT * FROM conversations AS c
    WHERE ${bounds} AND ${markCondition(filter.mark)} ORDER BY ${order} LIMIT $4::bigint)`;
  return pool.query<Row>(`${select(conversations)} ORDER BY ${order}`, [
    start.updated_at,
    start.seq,
    isBackwards ? to : from,
    size,
  ]);
}

interface Counts {
  readonly total: number;
  /** How many come before the place. */
  readonly newer: number;
}

/** Counts in one pass over the index, because most of a page's time is this count. */
async function count(pool: Pool, filter: ConversationFilter, place?: Place): Promise<Counts> {
  const { from, to } = timesOf(filter);
  const isNewer = place ? "(c.updated_at, c.seq) > ($3::bigint, $4::bigint)" : "false";
  const [row] = await pool.query<Counts>(
    `SELECT count(*)::float8 AS total, count(*) FILTER (WHERE ${isNewer})::float8 AS newer
     FROM conversations AS c
     WHERE c.updated_at >= $1::bigint AND c.updated_at < $2::bigint AND ${markCondition(filter.mark)}`,
    place ? [from, to, place.updated_at, place.seq] : [from, to],
  );
  return row ?? { total: 0, newer: 0 };
}

function keys(conversations: string): string {
  return `SELECT c.id, c.session_id, c.seq::float8 AS seq, c.updated_at::float8 AS updated_at
    FROM ${conversations} AS c`;
}

/** Reads rows of the conversations with what the list shows of their messages. */
export function listed(conversations: string): string {
  return `SELECT ${CONVERSATION}, c.is_unanswered, c.is_rated_down, c.is_wanted,
      question.content AS first_question,
      answer.content AS last_answer, answer.status AS last_status
    FROM ${conversations} AS c
    LEFT JOIN LATERAL (
      SELECT left(content, ${PREVIEW_LENGTH}) AS content FROM messages
      WHERE conversation_seq = c.seq ORDER BY id LIMIT 1
    ) AS question ON true
    LEFT JOIN LATERAL (
      SELECT left(content, ${PREVIEW_SOURCE_LENGTH}) AS content, status FROM messages
      WHERE conversation_seq = c.seq AND (question_id IS NOT NULL OR author IS NOT NULL)
        AND NOT (finish_reason IS NOT DISTINCT FROM 'person' AND content = '') ORDER BY id DESC LIMIT 1
    ) AS answer ON true`;
}
