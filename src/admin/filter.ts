import { AppError } from "../errors.ts";
import { type LocalDays, UTC_DAYS } from "../runtime/local-days.ts";
import { DAY_MS } from "../runtime/time.ts";
import type { ConversationCursor, ConversationFilter } from "../store/conversation-store.ts";
import { LIST_MARKS, type ListMark } from "../store/list-marks.ts";

/** The query of a conversation list as it was sent. A field that was not sent is empty. */
export interface FilterFields {
  readonly q: string;
  readonly from: string;
  readonly to: string;
  readonly mark: string;
  readonly cursor: string;
}

/** What can be wrong with a field. The API and the dashboard word it differently. */
export type FilterProblem =
  "too_long" | "not_a_date" | "not_after_from" | "unknown_mark" | "unknown_cursor";

type FilterProblems = { readonly [Name in keyof FilterFields]?: FilterProblem };

export const MAX_SEARCH_LENGTH = 200;

/**
 * Checks and converts the query of a list. The API and the dashboard share it.
 * @param days those that bare dates are; by default, as every time in the API, in UTC
 */
export function judgeFilter(
  { q, from, to, mark, cursor }: FilterFields,
  limit: number,
  days: LocalDays = UTC_DAYS,
): { readonly filter: ConversationFilter; readonly problems: FilterProblems } {
  const filter: ConversationFilter = {
    limit,
    search: q.trim() === "" ? undefined : q,
    from: from === "" ? undefined : parseTime(from, days),
    // A bare date as the end includes that whole day.
    to: to === "" ? undefined : parseTime(to, days, 1),
    mark: isMark(mark) ? mark : undefined,
    cursor: cursor === "" ? undefined : decodeCursor(cursor),
  };
  const isBackwards =
    filter.from !== undefined && filter.to !== undefined && filter.to <= filter.from;
  const problems: FilterProblems = {
    ...(q.length > MAX_SEARCH_LENGTH && { q: "too_long" }),
    ...(from !== "" && filter.from === undefined && { from: "not_a_date" }),
    ...(to !== "" && filter.to === undefined && { to: "not_a_date" }),
    ...(isBackwards && { to: "not_after_from" }),
    ...(mark !== "" && filter.mark === undefined && { mark: "unknown_mark" }),
    ...(cursor !== "" && filter.cursor === undefined && { cursor: "unknown_cursor" }),
  };
  return { filter, problems };
}

function isMark(text: string): text is ListMark {
  return LIST_MARKS.some((mark) => mark === text);
}

const DEFAULT_LIMIT = "100";

const SENTENCES: Readonly<Record<FilterProblem, string>> = {
  too_long: `is longer than ${MAX_SEARCH_LENGTH} characters`,
  not_a_date: "is not a date, a date and time, or milliseconds",
  not_after_from: "is not after from",
  unknown_mark: `is none of ${LIST_MARKS.join(", ")}`,
  unknown_cursor: "is not a cursor of this list",
};

/**
 * The filter for a query of the API.
 * @throws AppError invalid_request
 */
export function toFilter(
  query: Partial<FilterFields> & { readonly limit?: string },
): ConversationFilter {
  const { q = "", from = "", to = "", mark = "", cursor = "", limit = DEFAULT_LIMIT } = query;
  const { filter, problems } = judgeFilter({ q, from, to, mark, cursor }, Number(limit));
  const details = Object.entries(problems).map(([name, problem]) => ({
    path: `/${name}`,
    message: SENTENCES[problem],
  }));
  // An empty `q` lists every conversation, but an empty time, mark or cursor is an error.
  const forEmpty = {
    from: "not_a_date",
    to: "not_a_date",
    mark: "unknown_mark",
    cursor: "unknown_cursor",
  } as const;
  for (const name of ["from", "to", "mark", "cursor"] as const) {
    if (query[name] === "") details.push({ path: `/${name}`, message: SENTENCES[forEmpty[name]] });
  }
  if (details.length > 0) throw new AppError("invalid_request", { details });
  return filter;
}

/** The position where a page begins or ends, as opaque text for the client. */
export function encodeCursor({ updatedAt, position, isBackwards }: ConversationCursor): string {
  return Buffer.from(`${updatedAt}.${position}${isBackwards ? ".b" : ""}`).toString("base64url");
}

function decodeCursor(cursor: string): ConversationCursor | undefined {
  const text = Buffer.from(cursor, "base64url").toString("latin1");
  const [, updatedAt, position, back] = /^(\d{1,15})\.(\d{1,15})(\.b)?$/.exec(text) ?? [];
  if (updatedAt === undefined) return undefined;
  const isBackwards = back !== undefined;
  return { updatedAt: Number(updatedAt), position: Number(position), isBackwards };
}

const DATE = /^(\d{4}-\d{2}-\d{2})(T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:\d{2}))?$/;

/**
 * Milliseconds since the epoch.
 * @param daysLater how many days after a bare date the time is
 */
function parseTime(text: string, days: LocalDays, daysLater = 0): number | undefined {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  const [, date, timeOfDay] = DATE.exec(text) ?? [];
  const time = date !== undefined && isRealDate(date) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(time)) return undefined;
  return timeOfDay === undefined ? days.startOf(time / DAY_MS + daysLater) : time;
}

/** Date.parse reads 30 February as 2 March. */
function isRealDate(date: string): boolean {
  const time = Date.parse(date);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(date);
}
