import type { Link } from "../../http/link.ts";
import type { ConversationPage } from "../../store/conversation-store.ts";
import { isCutByTime } from "../../store/search-queue.ts";
import { deletionNotice } from "../deletion-notice.ts";
import { formatNumber } from "../formats.ts";
import { type Content, type Html, html } from "../html.ts";
import { layout, liveRegion } from "../layout.ts";
import { type Done, exportPath, isFiltered, listPath } from "../list-path.ts";
import type { ListFields, ListProblems } from "../schema.ts";
import type { Session } from "../session.ts";
import { chips } from "./chips.ts";
import { howFar, howMany, pager } from "./how-many.ts";
import { KEYS_HELP } from "./keys-help.ts";
import { row } from "./row.ts";
import { searchForm } from "./search-form.ts";

interface ListPageOptions {
  readonly link: Link;
  readonly session: Session;
  /** The fields as they were typed. */
  readonly fields: ListFields;
  readonly problems: ListProblems;
  /** Undefined when a field is wrong. */
  readonly page: ConversationPage | undefined;
  /** What was done with a conversation just now. */
  readonly done: Done | undefined;
  readonly published: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** The present day as YYYY-MM-DD. */
  readonly today: string;
}

/** What the skip link of the page leads to: all that comes before the first conversation is left out. */
const RESULTS_ID = "conversations";

export function listPage(options: ListPageOptions): Html {
  const { link, session, fields, problems, page, done } = options;
  return layout({
    link,
    title: "Conversations",
    section: "Conversations",
    session,
    skipTo: RESULTS_ID,
    body: html`<div class="heading">
        <h1>Conversations</h1>
        ${KEYS_HELP}
      </div>
      ${done && deletionNotice({ link, session, fields, done })}
      <div class="filters">
        ${searchForm(link, fields, problems, options.today)} ${chips(link, fields, options.today)}
      </div>
      <div id="${RESULTS_ID}" class="results" tabindex="-1">${page && live(page, options)}</div>`,
  });
}

/** Only the newest page shows by itself what is new. Others say that there is more, and repeating a search costs too much. */
function live(page: ConversationPage, options: ListPageOptions): Html {
  const content = results(options, page);
  if (page.searched !== undefined) return content;
  const { link, fields, published } = options;
  const topic = fields.cursor === "" ? "conversations" : "older-conversations";
  const newest = link(listPath({ ...fields, cursor: "" }));
  const news = html`<div class="news">
    <a class="button" href="${newest}" data-news hidden></a>
  </div>`;
  return liveRegion(topic, published, html`${news} ${content}`);
}

function results(options: ListPageOptions, page: ConversationPage): Html {
  const { link, fields } = options;
  if (page.conversations.length === 0) {
    return html`${page.searched && howFar(page.searched)}
      <p class="notice">${nothing(options, page)}</p>`;
  }
  return html`${page.searched && howFar(page.searched)}
    <div class="heading hint">
      <p>${howMany(page, fields)}</p>
      ${exports(link, fields, page)}
    </div>
    <ul class="list">
      ${page.conversations.map((each) => row(each, options))}
    </ul>
    ${pager(link, page, fields)}`;
}

function nothing({ link, fields }: ListPageOptions, { searched }: ConversationPage): Content {
  if (!isFiltered(fields)) {
    return html`No conversations yet. They appear here as visitors write.
      <a href="${link("/dashboard/setup")}">Put the widget on your website</a>`;
  }
  if (fields.q === "") return "No matches.";
  if (searched !== undefined && isCutByTime(searched)) return "No matches so far.";
  return "No matches. A search finds messages that have words beginning with each of yours.";
}

/** Says how much is exported: all of it, also what is on other pages. What a search may lack cannot be exported. */
function exports(
  link: Link,
  fields: ListFields,
  { total, searched }: ConversationPage,
): Html | undefined {
  if (searched !== undefined && isCutByTime(searched)) return undefined;
  const these = isFiltered(fields) ? "these" : "all";
  // A search may know fewer than the export, which repeats it.
  const count = searched === undefined && total > 1 ? ` ${formatNumber(total)}` : "";
  return html`<p class="actions">
    Export ${these}${count}
    <a href="${link(exportPath("csv", fields))}" title="${CSV}" download>CSV</a>
    <a href="${link(exportPath("ndjson", fields))}" title="${NDJSON}" download>NDJSON</a>
  </p>`;
}

const CSV = "For spreadsheets: a line for each message, whole conversations";
const NDJSON = "For programs: a line of JSON for each message, whole conversations";
