import type { Database } from "bun:sqlite";

import {
  boundsOf,
  cutPage,
  maxCounted,
  type Place,
  timesOf,
  toKeyPage,
  toPage,
} from "../conversation-pages.ts";
import type {
  ConversationCursor,
  ConversationFilter,
  ConversationPage,
  KeyPage,
} from "../conversation-store.ts";
import { type ListMark, markCondition } from "../list-marks.ts";
import { PREVIEW_LENGTH, PREVIEW_SOURCE_LENGTH } from "../preview.ts";
import type { ErasableRow, ListedRow } from "../rows.ts";

const ALL = Number.MAX_SAFE_INTEGER;

/**
 * The list of conversations. A page is read through an index, beginning at a position, so the thousandth page costs
 * as much as the first. What stands before it is counted in the index alone, where that is asked for.
 */
export class ConversationList {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  page(filter: ConversationFilter): ConversationPage {
    const found = this.#read<ListedRow>(filter, listed);
    const { rows, hasNext } = cutPage(found, filter);
    const place = rows[0] ?? boundsOf(filter).start;
    const newer =
      filter.cursor === undefined ? 0 : this.#countAhead(filter, place, maxCounted(filter));
    return toPage({ rows, hasNext, total: this.#total(filter), newer }, filter);
  }

  countNewer(filter: ConversationFilter, { updatedAt, position }: ConversationCursor): number {
    return this.#countAhead(filter, { updated_at: updatedAt, seq: position }, ALL);
  }

  keys(filter: ConversationFilter): KeyPage {
    return toKeyPage(this.#read<ErasableRow & Place>(filter, keys), filter);
  }

  /** @param select makes the statement that reads what is needed of certain conversations */
  #read<Row>(filter: ConversationFilter, select: (conversations: string) => string): Row[] {
    const { from, to, start, isBackwards, size } = boundsOf(filter);
    const place = [start.updated_at, start.seq] as const;
    const source = tableOf(filter.mark);
    const condition = markCondition(filter.mark);
    // Only one bound in the direction of the reading: with a second one, SQLite walks the index from there.
    const page = isBackwards
      ? `SELECT * FROM ${source} WHERE (updated_at, seq) > (?, ?) AND updated_at < ? AND ${condition}
         ORDER BY updated_at, seq LIMIT ?`
      : `SELECT * FROM ${source} WHERE (updated_at, seq) < (?, ?) AND updated_at >= ? AND ${condition}
         ORDER BY updated_at DESC, seq DESC LIMIT ?`;
    const order = isBackwards ? "c.updated_at, c.seq" : "c.updated_at DESC, c.seq DESC";
    return this.#db
      .query<Row, [number, number, number, number]>(`${select(`(${page})`)} ORDER BY ${order}`)
      .all(...place, isBackwards ? to : from, size);
  }

  #countAhead(filter: ConversationFilter, place: Place, most: number): number {
    const { from, to } = timesOf(filter);
    const { mark } = filter;
    const counted = this.#db
      .query<{ total: number }, [number, number, number, number, number]>(
        `SELECT count(*) AS total FROM (
           SELECT 1 FROM ${tableOf(mark)} WHERE (updated_at, seq) > (?, ?)
             AND updated_at >= ? AND updated_at < ? AND ${markCondition(mark)} LIMIT ?
         )`,
      )
      .get(place.updated_at, place.seq, from, to, most);
    return counted?.total ?? 0;
  }

  #total(filter: ConversationFilter): number {
    const { from, to, mark } = filter;
    if (from === undefined && to === undefined && mark === undefined) {
      const all = "SELECT conversations AS total FROM totals";
      return this.#db.query<{ total: number }, []>(all).get()?.total ?? 0;
    }
    const times = timesOf(filter);
    const counted = this.#db
      .query<{ total: number }, [number, number]>(
        `SELECT count(*) AS total FROM ${tableOf(mark)}
         WHERE updated_at >= ? AND updated_at < ? AND ${markCondition(mark)}`,
      )
      .get(times.from, times.to);
    return counted?.total ?? 0;
  }
}

/** SQLite does not know how few conversations have a mark, so it is told which index to read. */
function tableOf(mark: ListMark | undefined): string {
  return `conversations AS c INDEXED BY conversations_${mark ?? "newest"}`;
}

function keys(conversations: string): string {
  return `SELECT c.id, c.session_id, c.seq, c.updated_at FROM ${conversations} AS c`;
}

/** Reads rows of the conversations with what the list shows of their messages. */
export function listed(conversations: string): string {
  return `SELECT c.*, substr(answer.content, 1, ${PREVIEW_SOURCE_LENGTH}) AS last_answer,
      answer.status AS last_status, (
        SELECT substr(content, 1, ${PREVIEW_LENGTH}) FROM messages
        WHERE conversation_seq = c.seq ORDER BY id LIMIT 1
      ) AS first_question
    FROM ${conversations} AS c LEFT JOIN messages AS answer ON answer.id = (
      SELECT id FROM messages WHERE conversation_seq = c.seq AND role = 'assistant'
        AND NOT (finish_reason IS 'person' AND content = '') ORDER BY id DESC LIMIT 1
    )`;
}
