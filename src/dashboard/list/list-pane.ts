import type { Link } from "../../http/link.ts";
import type { ConversationPage, ListedConversation } from "../../store/conversation-store.ts";
import { type Html, html } from "../html.ts";
import { type ListFields, NO_PROBLEMS } from "../schema.ts";
import { chips } from "./chips.ts";
import { howMany, pager } from "./how-many.ts";
import { row } from "./row.ts";
import { searchForm } from "./search-form.ts";

interface ListPaneOptions {
  readonly link: Link;
  readonly fields: ListFields;
  readonly page: ConversationPage;
  /** The id of the conversation that is open beside the list. */
  readonly openId: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** The present day as YYYY-MM-DD. */
  readonly today: string;
}

/** The list beside an open conversation, on wide screens. */
export function listPane(options: ListPaneOptions): Html {
  const { link, fields, page, today } = options;
  return html`<section class="pane" aria-label="Conversations">
    <div class="filters">
      ${searchForm(link, fields, NO_PROBLEMS, today)} ${chips(link, fields, today)}
    </div>
    <p class="hint">${howMany(page, fields)}</p>
    <ul class="list">
      ${page.conversations.map((each) => row(still(each), options))}
    </ul>
    ${pager(link, page, fields)}
  </section>`;
}

/** The list is as it was when the page was loaded, so it does not say what ends in a moment. */
function still(conversation: ListedConversation): ListedConversation {
  const { lastStatus } = conversation;
  return { ...conversation, lastStatus: lastStatus === "streaming" ? undefined : lastStatus };
}
