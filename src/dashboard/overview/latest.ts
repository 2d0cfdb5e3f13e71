import type { Link } from "../../http/link.ts";
import type { ListedConversation } from "../../store/conversation-store.ts";
import { conversationTitle } from "../conversation-title.ts";
import { agoElement, formatCount } from "../formats.ts";
import { type Html, html } from "../html.ts";
import { listPath, threadPath } from "../list-path.ts";
import { statusBadge } from "../status-badge.ts";

export const LATEST_COUNT = 5;

/**
 * The conversations with the newest messages, by what the visitor asked first.
 * @param now milliseconds since the epoch
 */
export function latestView(
  link: Link,
  conversations: readonly ListedConversation[],
  total: number,
  now: number,
): Html {
  return html`<section class="card latest">
    <div class="heading">
      <h2>Latest conversations</h2>
      <a href="${link(listPath())}"
        >${total > conversations.length ? `All ${formatCount(total, "conversation")}` : "All"}</a
      >
    </div>
    <ul class="rows">
      ${conversations.map((each) => row(link, each, now))}
    </ul>
  </section>`;
}

function row(link: Link, conversation: ListedConversation, now: number): Html {
  const { id, firstQuestion, lastStatus, messageCount, updatedAt } = conversation;
  return html`<li>
    <a class="preview" id="${id}" href="${link(threadPath(id))}" dir="auto"
      >${conversationTitle(firstQuestion)}</a
    >
    <p class="meta">
      ${lastStatus && statusBadge(lastStatus)}
      <span>${formatCount(messageCount, "message")}</span> ${agoElement(updatedAt, now)}
    </p>
  </li>`;
}
