import { AppError } from "../errors.ts";
import type { ConversationCursor, ConversationFilter } from "../store/store.ts";

/** The query of the list as it was sent, already checked against its schema. */
interface ListParameters {
  readonly limit?: string;
  readonly cursor?: string;
  readonly q?: string;
  readonly from?: string;
  readonly to?: string;
}

const DEFAULT_LIMIT = 100;
const DAY_MS = 24 * 60 * 60 * 1000;

/** @throws AppError invalid_request */
export function toFilter(parameters: ListParameters): ConversationFilter {
  const { limit, cursor, q, from, to } = parameters;
  return {
    limit: Number(limit ?? DEFAULT_LIMIT),
    cursor: cursor === undefined ? undefined : decodeCursor(cursor),
    search: q === undefined || q.trim() === "" ? undefined : q,
    from: from === undefined ? undefined : parseTime("/from", from, 0),
    // A bare date as the end means the whole of that day.
    to: to === undefined ? undefined : parseTime("/to", to, DAY_MS),
  };
}

/** Where a page ended, as opaque text for the client. */
export function encodeCursor({ updatedAt, position }: ConversationCursor): string {
  return Buffer.from(`${updatedAt}.${position}`).toString("base64url");
}

/** @throws AppError invalid_request */
export function decodeCursor(cursor: string): ConversationCursor {
  const text = Buffer.from(cursor, "base64url").toString("latin1");
  const [, updatedAt, position] = /^(\d{1,15})\.(\d{1,15})$/.exec(text) ?? [];
  if (updatedAt === undefined) throw invalid("/cursor", "is not a cursor of this list");
  return { updatedAt: Number(updatedAt), position: Number(position) };
}

const DATE = /^(\d{4}-\d{2}-\d{2})(T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:\d{2}))?$/;

/**
 * UTC, as every time of the API.
 * @throws AppError invalid_request
 */
export function parseTime(path: string, text: string, afterBareDateMs: number): number {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  const [, date, timeOfDay] = DATE.exec(text) ?? [];
  const time = date !== undefined && isRealDate(date) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(time)) throw invalid(path, "is not a date, a date and time, or milliseconds");
  return timeOfDay === undefined ? time + afterBareDateMs : time;
}

/** Date.parse takes 30 February for 2 March. */
function isRealDate(date: string): boolean {
  const time = Date.parse(date);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(date);
}

function invalid(path: string, message: string): AppError {
  return new AppError("invalid_request", { details: [{ path, message }] });
}
