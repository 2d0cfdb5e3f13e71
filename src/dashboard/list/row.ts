import type { Link } from "../../http/link.ts";
import type { FoundMessage, ListedConversation } from "../../store/conversation-store.ts";
import { conversationTitle } from "../conversation-title.ts";
import { agoElement, formatCount } from "../formats.ts";
import { type Content, type Html, html } from "../html.ts";
import { messagePath, threadPath } from "../list-path.ts";
import type { ListFields } from "../schema.ts";
import { statusBadge } from "../status-badge.ts";

interface RowOptions {
  readonly link: Link;
  readonly fields: ListFields;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** The id of the conversation that is open beside the list. */
  readonly openId?: string | undefined;
}

/** What the visitor asked first, then the newest answer or what a search has found, then how it stands. */
export function row(conversation: ListedConversation, options: RowOptions): Html {
  const { id, sessionId, updatedAt, messageCount, firstQuestion, lastAnswer, found } = conversation;
  const { link, fields, now, openId } = options;
  const path = found ? messagePath(id, found.messageId, fields) : threadPath(id, fields);
  return html`<li data-key="${id} ${updatedAt} ${messageCount}">
    <a href="${link(path)}" id="${id}" ${id === openId && html`aria-current="true"`}>
      <span class="first"
        ><strong class="preview" dir="auto">${conversationTitle(firstQuestion)}</strong>
        ${agoElement(updatedAt, now)}</span
      >
      ${
        found
          ? html`<span class="found" dir="auto">${marked(found)}</span>`
          : lastAnswer !== "" && html`<span class="preview answer" dir="auto">${lastAnswer}</span>`
      }
      <span class="meta">
        ${BADGES.map((badge) => badge(conversation))}
        <span>${formatCount(messageCount, "message")}</span>
        <bdi class="who">${sessionId}</bdi>
      </span>
    </a>
  </li>`;
}

/** What is to be known of a conversation at a glance. A later capability adds its own here. */
const BADGES: readonly ((conversation: ListedConversation) => Content)[] = [
  ({ isWanted }) => isWanted && html`<span class="badge wanted">wants a person</span>`,
  ({ lastStatus }) => lastStatus && statusBadge(lastStatus),
  ({ isUnanswered }) => isUnanswered && html`<span class="badge unanswered">unanswered</span>`,
  ({ isRatedDown }) => isRatedDown && html`<span class="badge negative">rated down</span>`,
];

function marked({ text, marks }: FoundMessage): readonly Content[] {
  const ends = [0, ...marks.map(([, end]) => end)];
  const parts = marks.map(
    ([start, end], index) =>
      html`${text.slice(ends[index], start)}<mark>${text.slice(start, end)}</mark>`,
  );
  return [...parts, text.slice(ends.at(-1))];
}
