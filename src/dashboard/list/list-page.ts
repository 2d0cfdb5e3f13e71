import type { Link } from "../../http/link.ts";
import type { ConversationPage } from "../../store/conversation-store.ts";
import { deletionNotice } from "../deletion-notice.ts";
import { type Html, html } from "../html.ts";
import { layout, liveRegion } from "../layout.ts";
import { type Done, exportPath, isFiltered } from "../list-path.ts";
import type { ListFields, ListProblems } from "../schema.ts";
import type { Session } from "../session.ts";
import { chips } from "./chips.ts";
import { howFar, howMany, pager } from "./how-many.ts";
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
  const { link, session, fields, problems, page, done, published } = options;
  // Only the newest page is live: older pages do not change, and repeating a search costs too much.
  const isLive = page !== undefined && fields.cursor === "" && page.searched === undefined;
  const content = page && results(options, page);
  return layout({
    link,
    title: "Conversations",
    section: "Conversations",
    session,
    skipTo: RESULTS_ID,
    body: html`<h1>Conversations</h1>
      ${done && deletionNotice({ link, session, fields, done })}
      <div class="filters">
        ${searchForm(link, fields, problems)} ${chips(link, fields, options.today)}
      </div>
      <div id="${RESULTS_ID}" class="results" tabindex="-1">
        ${content && (isLive ? liveRegion("conversations", published, content) : content)}
      </div>`,
  });
}

function results(options: ListPageOptions, page: ConversationPage): Html {
  const { link, fields } = options;
  if (page.conversations.length === 0) {
    return html`${page.searched && howFar(page.searched)}
      <p class="notice">
        ${
          isFiltered(fields)
            ? "No matches. A search finds messages that have words beginning with each of yours."
            : "No conversations yet. They appear here as visitors write."
        }
      </p>`;
  }
  return html`${page.searched && howFar(page.searched)}
    <div class="heading hint">
      <p>${howMany(page)}</p>
      ${exports(link, fields)}
    </div>
    <ul class="list">
      ${page.conversations.map((each) => row(each, options))}
    </ul>
    ${pager(link, page, fields)}`;
}

function exports(link: Link, fields: ListFields): Html {
  return html`<p class="actions">
    ${isFiltered(fields) ? "Export these" : "Export all"}
    <a href="${link(exportPath("csv", fields))}" download>CSV</a>
    <a href="${link(exportPath("ndjson", fields))}" download>NDJSON</a>
  </p>`;
}
