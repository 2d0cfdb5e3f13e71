import type { Conversation } from "../../conversation/records.ts";
import type { Link } from "../../http/link.ts";
import { formatCount, timeElement } from "../formats.ts";
import { type Html, html } from "../html.ts";

export const LATEST_COUNT = 5;

/** The conversations with the newest messages. */
export function latestView(
  link: Link,
  conversations: readonly Conversation[],
  total: number,
): Html {
  const path = link("/dashboard/conversations");
  return html`<section class="card latest">
    <div class="heading">
      <h2>Latest conversations</h2>
      <a href="${path}"
        >${total > conversations.length ? `All ${formatCount(total, "conversation")}` : "All"}</a
      >
    </div>
    <ul class="rows">
      ${conversations.map(
        ({ id, lastMessage, messageCount, updatedAt }) =>
          html`<li>
            <a class="preview" id="${id}" href="${path}/${id}" dir="auto"
              >${lastMessage || "No answer"}</a
            >
            <p class="meta">
              <span>${formatCount(messageCount, "message")}</span> ${timeElement(updatedAt)}
            </p>
          </li>`,
      )}
    </ul>
  </section>`;
}
