import { DAY_MS } from "../../src/runtime/time.ts";
import { askPage, type Page } from "./admin-requests.ts";
import { beginExport, readPage, threadsOn } from "./dashboard-requests.ts";

/** Which pages of the dashboard are measured: each whose cost could grow with the number of messages. */

const LIST = "/dashboard/conversations";
const API_PAGE = 200;

export interface DashboardPage {
  readonly name: string;
  readonly path: string;
  /** What the page must have. */
  readonly has: string;
  readonly read: typeof readPage;
  /** A search with a filter looks at all messages, for a second at most. */
  readonly isCutByTime: boolean;
}

interface Owner {
  readonly url: string;
  readonly cookie: string;
}

/** The names are the same for every database, and known before there is a server. */
export const PAGE_NAMES = [
  "overview",
  "overview, 90 days",
  "setup",
  "questions without a good answer",
  "list, first page",
  "list, middle page",
  "list, last page",
  "list, failed",
  "list, stopped",
  "list, unanswered",
  "list, the last day",
  "list, thirty days",
  "list, failed in thirty days",
  "search, frequent word",
  "search, rare word",
  "search, phrase",
  "search, frequent word, second page",
  "filtered search, dates",
  "filtered search, failed",
  "thread",
  "thread, of the middle page",
  "thread, neighbour on another page",
  "thread, from a frequent word",
  "thread, from a rare word",
  "export begins, CSV",
  "export begins, NDJSON",
  "export begins, failed",
] as const;

type PageName = (typeof PAGE_NAMES)[number];

/** Finds the addresses in a database of scripts/seed.ts. */
export async function findPages(
  { url, cookie }: Owner,
  conversations: number,
): Promise<ReadonlyMap<PageName, DashboardPage>> {
  const { middle, last } = await findCursors(url, conversations);
  const day = (ago: number) => new Date(Date.now() - ago * DAY_MS).toISOString().slice(0, 10);
  const thirtyDays = `from=${day(50)}&to=${day(20)}`;
  const firstPage = await readPage(url, LIST, cookie);
  const middlePage = await readPage(url, `${LIST}?cursor=${middle}`, cookie);
  const frequent = await readPage(url, `${LIST}?q=the`, cookie);
  const rare = await readPage(url, `${LIST}?q=zanzibar`, cookie);
  const [, second = ""] = /href="([^"]+)" rel="next"/.exec(frequent) ?? [];
  const row = `<li data-key="c_`;
  const pages: readonly (readonly [PageName, path: string, has: string])[] = [
    ["overview", "/dashboard", "<h1>Overview"],
    ["overview, 90 days", "/dashboard?days=90&figure=failed", "<h1>Overview"],
    ["setup", "/dashboard/setup", "<h1>"],
    ["questions without a good answer", "/dashboard/knowledge/questions", "<h1>"],
    ["list, first page", LIST, row],
    ["list, middle page", `${LIST}?cursor=${middle}`, row],
    ["list, last page", `${LIST}?cursor=${last}`, row],
    ["list, failed", `${LIST}?mark=failed`, row],
    ["list, stopped", `${LIST}?mark=stopped`, row],
    ["list, unanswered", `${LIST}?mark=unanswered`, row],
    ["list, the last day", `${LIST}?from=${day(1)}`, row],
    ["list, thirty days", `${LIST}?${thirtyDays}`, row],
    ["list, failed in thirty days", `${LIST}?mark=failed&${thirtyDays}`, row],
    ["search, frequent word", `${LIST}?q=the`, "<mark>"],
    ["search, rare word", `${LIST}?q=zanzibar`, "<mark>"],
    ["search, phrase", `${LIST}?q=%22order+to%22`, "<mark>"],
    ["search, frequent word, second page", unescape(second), "<mark>"],
    // On a busy machine, they may have looked at nothing that fits when their time is over.
    ["filtered search, dates", `${LIST}?q=the&${thirtyDays}`, "<h1>"],
    ["filtered search, failed", `${LIST}?q=the&mark=failed`, "<h1>"],
    ["thread", threadsOn(firstPage)[20] ?? "", `<ol class="thread"`],
    ["thread, of the middle page", threadsOn(middlePage)[20] ?? "", `<ol class="thread"`],
    ["thread, neighbour on another page", threadsOn(middlePage).at(-1) ?? "", `<ol class="thread"`],
    ["thread, from a frequent word", threadsOn(frequent)[20] ?? "", "<mark>"],
    ["thread, from a rare word", threadsOn(rare)[1] ?? "", "<mark>"],
    ["export begins, CSV", "/dashboard/export?format=csv", "c_"],
    ["export begins, NDJSON", "/dashboard/export?format=ndjson", "c_"],
    ["export begins, failed", "/dashboard/export?format=csv&mark=failed", "c_"],
  ];
  return new Map(
    pages.map(([name, path, has]) => {
      const read = path.startsWith("/dashboard/export") ? beginExport : readPage;
      return [name, { name, path, has, read, isCutByTime: name.startsWith("filtered search") }];
    }),
  );
}

/** Goes through the whole list. */
async function findCursors(url: string, conversations: number) {
  const all = { limit: API_PAGE, minTotal: conversations, maxTotal: conversations };
  const cursors: string[] = [];
  let next: Page["nextCursor"] = "";
  for (let page = 0; page < Math.ceil(conversations / API_PAGE) && next !== null; page++) {
    const query: Readonly<Record<string, string>> = next === "" ? {} : { cursor: next };
    next = (await askPage(url, query, all)).nextCursor;
    if (next !== null) cursors.push(next);
  }
  return { middle: cursors[Math.floor(cursors.length / 2)] ?? "", last: cursors.at(-1) ?? "" };
}

function unescape(attribute: string): string {
  return attribute.replaceAll("&amp;", "&");
}
