import { formatMoney } from "../../config/money.ts";
import { shownOf, type Thread } from "../../conversation/records.ts";
import type { Link } from "../../http/link.ts";
import { MINUTE_MS } from "../../runtime/time.ts";
import { conversationTitle } from "../conversation-title.ts";
import { formatCount, timeElement } from "../formats.ts";
import { type Html, html } from "../html.ts";
import { threadPath } from "../list-path.ts";
import type { ListFields } from "../schema.ts";
import type { ThreadPart } from "./read-thread.ts";

export interface ThreadHeadOptions extends ThreadPart {
  readonly link: Link;
  /** Whether Markdown is shown as the model wrote it. */
  readonly isSource: boolean;
  /** Of what answers have cost. */
  readonly currency: string;
  /** What the list was searched for. */
  readonly fields: ListFields;
}

/** What the visitor asked first, who he was, and what can be done with the conversation. */
export function threadHead(options: ThreadHeadOptions): Html {
  const { link, thread, firstQuestion, isSource, fields, currency } = options;
  const { id, sessionId } = thread.conversation;
  const other = threadPath(id, fields, { view: isSource ? undefined : "source" });
  return html`<header class="thread-head">
    <h1 dir="auto">${conversationTitle(firstQuestion)}</h1>
    <p class="hint">Visitor <bdi class="who">${sessionId}</bdi>, ${summary(thread, currency)}</p>
    <div class="actions">
      <span class="id"
        ><code id="conversation-id">${id}</code>
        <button
          class="small"
          type="button"
          data-copy="conversation-id"
          aria-label="Copy the conversation's id"
          hidden
        >
          Copy
        </button></span
      >
      <button class="small" type="button" data-copy-link="${link(threadPath(id))}" hidden>
        Copy link
      </button>
      <a href="${link(other)}">${isSource ? "As visitors see it" : "View source"}</a>
      <span class="exports"
        >Export
        ${EXPORTS.map(
          ({ format, name }) =>
            html`<a href="${link(threadPath(`${id}/export`, {}, { format }))}" download
              >${name}</a
            > `,
        )}</span
      >
    </div>
  </header>`;
}

const EXPORTS = [
  { format: "markdown", name: "Markdown" },
  { format: "csv", name: "CSV" },
  { format: "ndjson", name: "NDJSON" },
] as const;

function summary({ conversation, messages }: Thread, currency: string): Html {
  const { messageCount, createdAt, updatedAt } = conversation;
  const isWhole = shownOf(messages).length === messageCount;
  const sum = messages.reduce((total, { usage }) => total + (usage?.totalTokens ?? 0), 0);
  const tokens = isWhole ? sum : 0;
  const cost = isWhole ? messages.reduce((total, message) => total + (message.cost ?? 0), 0) : 0;
  const isShort = updatedAt - createdAt < MINUTE_MS;
  const end = html` to ${timeElement(updatedAt)}`;
  const times = html`${isShort ? "at" : "from"} ${timeElement(createdAt)}${!isShort && end}`;
  const spent = tokens > 0 && `, ${formatCount(tokens, "token")}`;
  const paid = cost > 0 && `, ${formatMoney(cost, currency)}`;
  return html`${formatCount(messageCount, "message")}${spent}${paid}, ${times}`;
}
