import { encodeCursor } from "../../admin/filter.ts";
import type { Link } from "../../http/link.ts";
import type { ConversationPage, Searched } from "../../store/conversation-store.ts";
import { isCutByTime } from "../../store/search-queue.ts";
import { formatCount, formatNumber } from "../formats.ts";
import { type Html, html } from "../html.ts";
import { listPath } from "../list-path.ts";
import { type ListFields, PAGE_SIZE } from "../schema.ts";
import { daysOf } from "./periods.ts";

/** How many conversations there are, and among which messages they were found. */
export function howMany({ total, searched }: ConversationPage, fields: ListFields): string {
  const count = formatCount(total, "conversation");
  const days = fields.from === "" && fields.to === "" ? "" : `last active ${daysOf(fields)}`;
  if (searched === undefined)
    return days === "" ? `${count}, latest activity first` : `${count} ${days}`;
  const isCut = isCutByTime(searched);
  const found = `${count} found${isCut ? " so far" : ""}${days && `, ${days}`}`;
  if (isCut) return found;
  if (searched.isComplete) return days === "" ? `${found} in all messages` : found;
  const matching = formatNumber(searched.matches);
  return `${count} among the newest ${matching} matching messages. ${FURTHER}`;
}

const FURTHER = "Choose an earlier last day to look further back.";

/** Says which messages were not searched, and whether some words were left out. */
export function howFar(searched: Searched): Html | undefined {
  const parts = isCutByTime(searched) ? [cutText(searched)] : [];
  if (searched.wordsLeftOut > 0) {
    parts.push("Some of it was not searched for: it is too long, or has no letters or digits.");
  }
  return parts.length === 0
    ? undefined
    : html`<p class="notice" role="status">${parts.join(" ")}</p>`;
}

function cutText({ messages, isBuilding }: Searched): string {
  if (messages === 0) {
    const cause = isBuilding
      ? "The search index is being built"
      : "The database had no time for it";
    return `No message was searched yet. ${cause}: search again in a moment.`;
  }
  const newest = `the newest ${formatCount(messages, "message")}`;
  if (!isBuilding) return `Searched ${newest}. ${FURTHER}`;
  return `Searched only ${newest}: the search index is still being built. Search again later to look further back.`;
}

/** Which conversations these are, with the ways to the pages before and after. */
export function pager(link: Link, page: ConversationPage, fields: ListFields): Html | undefined {
  const { conversations, newer = 0, total, nextCursor, previousCursor } = page;
  if (nextCursor === undefined && newer === 0) return undefined;
  const to = (cursor: string) => link(listPath({ ...fields, cursor }));
  // The first page has no cursor, so that it stays the first when conversations are added.
  const isFirstBefore = newer <= PAGE_SIZE || previousCursor === undefined;
  const previous = isFirstBefore ? "" : encodeCursor(previousCursor);
  const [first, last] = [newer + 1, newer + conversations.length].map(formatNumber);
  return html`<nav class="pager" aria-label="Pages">
    <span>${first}–${last} of ${formatNumber(total)}</span>
    ${newer > PAGE_SIZE && html`<a href="${to("")}">Newest</a>`}
    ${newer > 0 && html`<a href="${to(previous)}" rel="prev">← Previous</a>`}
    ${nextCursor && html`<a href="${to(encodeCursor(nextCursor))}" rel="next">Next →</a>`}
  </nav>`;
}
