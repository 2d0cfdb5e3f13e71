import { type Message, shownOf } from "../../conversation/records.ts";
import { isReachable } from "../../people/takeovers.ts";
import { turnOfItsOwn } from "../../runtime/event-loop-turn.ts";
import { isTakenOver } from "../../store/takeover-store.ts";
import { beginningOf } from "../../text/beginning.ts";
import { THREAD_SCRIPT_ASSET } from "../assets.ts";
import { conversationTitle } from "../conversation-title.ts";
import { formatCount, formatLongDay, formatNumber } from "../formats.ts";
import { type Html, html } from "../html.ts";
import { formToken, layout, liveRegion } from "../layout.ts";
import { listPath, threadPath } from "../list-path.ts";
import type { Beside, Neighbour } from "../list/beside.ts";
import { KEYS_HELP } from "../list/keys-help.ts";
import { listPane } from "../list/list-pane.ts";
import type { Session } from "../session.ts";
import { createMarker } from "./found-words.ts";
import { messageView, type MessageViewOptions } from "./message-view.ts";
import { answeredRequest, requestCards, type RequestCardsOptions } from "./request-card.ts";
import { composer, takeoverState, type TakeoverViewOptions } from "./takeover-view.ts";
import { threadHead, type ThreadHeadOptions } from "./thread-head.ts";

interface ThreadPageOptions
  extends
    ThreadHeadOptions,
    Pick<RequestCardsOptions, "requests">,
    Pick<TakeoverViewOptions, "takeover" | "personName"> {
  readonly session: Session;
  readonly beside: Beside;
  readonly published: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** The present day as YYYY-MM-DD. */
  readonly today: string;
}

type ItemOptions = Omit<MessageViewOptions, "mark"> & { readonly search: string };

/** What the skip link leads to: past the list beside it. */
const THREAD_ID = "conversation";
const MAX_TITLE_LENGTH = 60;

export async function threadPage(options: ThreadPageOptions): Promise<Html> {
  const { link, session, firstQuestion, beside, thread } = options;
  const { page } = beside;
  return layout({
    link,
    title: cut(conversationTitle(firstQuestion)),
    section: "Conversations",
    session,
    skipTo: THREAD_ID,
    body: html`<div class="panes">
        ${page && listPane({ ...options, page, openId: thread.conversation.id })}
        ${await threadView(options)}
      </div>
      <script src="${link(THREAD_SCRIPT_ASSET.path)}" defer></script>`,
  });
}

/** The conversation, with the way from it and what can be done with it. */
async function threadView(options: ThreadPageOptions): Promise<Html> {
  const { thread, isNewest, fields, published } = options;
  const { conversation, messages } = thread;
  const { id, messageCount } = conversation;
  const its = { ...options, conversationId: id, isReachable: isReachable(conversation) };
  const isPart = shownOf(messages).length < messageCount;
  const content = html`${requestCards(options)} ${isPart && place(options)}
    <ol class="thread" data-days>
      ${await items(messages, { ...options, search: fields.q })}
    </ol>
    ${isNewest && html`${takeoverState(its)} ${!isTakenOver(options.takeover, options.now) && answeredRequest(messages, options)}`}`;
  return html`<div class="conversation" id="${THREAD_ID}" tabindex="-1">
    ${way(options)} ${threadHead(options)}
    ${isNewest ? html`${liveRegion(id, published, content)} ${composer(its)}` : content}
    ${deletion(options)}
  </div>`;
}

/** Back to its row in the list, and to the conversations before and after this one in it. */
function way({ link, thread, fields, beside }: ThreadPageOptions): Html {
  const isFiltered = Object.values(fields).some((value) => value !== "");
  const { newer, older } = beside;
  const to = ({ id, cursor }: Neighbour) => link(threadPath(id, { ...fields, cursor }));
  return html`<div class="way">
    <p class="back">
      <a href="${link(listPath(fields))}#${thread.conversation.id}" aria-keyshortcuts="Escape"
        >${isFiltered ? "Back to the list" : "All conversations"}</a
      >
    </p>
    ${KEYS_HELP}
    ${
      (newer ?? older) !== undefined &&
      html`<nav class="neighbours" aria-label="Conversations beside this one">
        ${
          newer !== undefined &&
          html`<a href="${to(newer)}" rel="prev" aria-keyshortcuts="k">↑ Newer</a>`
        }
        ${
          older !== undefined &&
          html`<a href="${to(older)}" rel="next" aria-keyshortcuts="j">↓ Older</a>`
        }
      </nav>`
    }
  </div>`;
}

function cut(title: string): string {
  const line = title.replaceAll(/\s+/g, " ").trim();
  if (line.length <= MAX_TITLE_LENGTH) return line;
  return `${beginningOf(line, MAX_TITLE_LENGTH).trim()}…`;
}

/** Reading the Markdown of many long answers takes a while. Other work runs between two of them. */
async function items(messages: readonly Message[], options: ItemOptions): Promise<Html[]> {
  const mark = createMarker(options.search);
  const shown: Html[] = [];
  let day = "";
  let characters = 0;
  for (const message of shownOf(messages)) {
    const its = formatLongDay(message.createdAt);
    if (its !== day) shown.push(html`<li class="day"><span>${its}</span></li>`);
    day = its;
    shown.push(messageView(message, { ...options, mark }));
    characters += message.content.length;
    if (characters < UNHURRIED_CHARACTERS) continue;
    characters = 0;
    await turnOfItsOwn();
  }
  return shown;
}

/** So much text takes some milliseconds. */
const UNHURRIED_CHARACTERS = 10_000;

/** Says which part of a long thread is shown, with links to the other parts. */
function place({ link, thread, fields, isNewest, hasOlder }: ThreadPageOptions): Html {
  const { conversation, messages } = thread;
  const newest = threadPath(conversation.id, fields);
  const older = threadPath(conversation.id, fields, { before: String(messages[0]?.id) });
  return html`<p class="notice">
    ${isNewest ? "The newest" : "An older part,"} ${formatNumber(shownOf(messages).length)} of
    ${formatCount(conversation.messageCount, "message")}.
    ${hasOlder && html`<a href="${link(older)}">Older</a>`}
    ${!isNewest && html`<a href="${link(newest)}">The newest</a>`}
  </p>`;
}

function deletion({ link, session, thread, fields }: ThreadPageOptions): Html {
  const path = threadPath(`${thread.conversation.id}/delete`, fields);
  return html`<details class="danger">
    <summary>Delete this conversation</summary>
    <form method="post" action="${link(path)}">
      ${formToken(session)}
      <p>
        It is gone for everybody at once. For half a minute you can undo this. Then all its messages
        are erased, also from the database file. Backups that were made before still hold them.
      </p>
      <button class="destructive">Delete</button>
    </form>
  </details>`;
}
