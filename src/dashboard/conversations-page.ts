import { encodeCursor } from "../admin/filter.ts";
import type { Conversation } from "../conversation/records.ts";
import type { Link } from "../http/link.ts";
import type { ConversationPage, Searched } from "../store/conversation-store.ts";
import { deletionNotice } from "./deletion-notice.ts";
import { formatCount, timeElement } from "./formats.ts";
import { type Html, html } from "./html.ts";
import { layout, liveRegion } from "./layout.ts";
import { type Done, listPath, threadPath } from "./list-path.ts";
import type { ListFields, ListProblems } from "./schema.ts";
import type { Session } from "./session.ts";

interface ConversationsPageOptions {
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
}

export function conversationsPage(options: ConversationsPageOptions): Html {
  const { link, session, fields, problems, page, done, published } = options;
  // Only the newest page is live: older pages do not change, and repeating a search costs too much.
  const isLive = page !== undefined && fields.cursor === "" && page.searched === undefined;
  return layout({
    link,
    title: "Conversations",
    section: "Conversations",
    session,
    body: html`<div class="heading">
        <h1>Conversations</h1>
        <p class="actions">
          Export <a href="${link("/dashboard/export?format=csv")}" download>CSV</a>
          <a href="${link("/dashboard/export?format=ndjson")}" download>NDJSON</a>
        </p>
      </div>
      ${done && deletionNotice({ link, session, fields, done })}
      ${searchForm(link, fields, problems)}
      ${page && (isLive ? liveRegion("conversations", published, results(link, page, fields)) : results(link, page, fields))}`,
  });
}

function searchForm(link: Link, fields: ListFields, problems: ListProblems): Html {
  return html`<form method="get" action="${link(listPath())}" role="search" class="search">
    ${field({ name: "q", label: "Search", type: "search", value: fields.q, problem: problems.q })}
    ${field({ name: "from", label: "From", type: "date", value: fields.from, problem: problems.from })}
    ${field({ name: "to", label: "To", type: "date", value: fields.to, problem: problems.to })}
    <p class="buttons">
      <button class="primary">Search</button>
      ${isFiltered(fields) && html`<a href="${link(listPath())}">Clear</a>`}
    </p>
    ${
      problems.cursor !== undefined &&
      html`<p class="problem" role="alert">
        This address ${problems.cursor}. <a href="${link(listPath())}">Show the newest</a>
      </p>`
    }
  </form>`;
}

interface Field {
  readonly name: string;
  readonly label: string;
  readonly type: "search" | "date";
  readonly value: string;
  readonly problem: string | undefined;
}

function field({ name, label, type, value, problem }: Field): Html {
  // A date field cannot show a value that is not a date, so a text field shows what was typed.
  const isShown = type !== "date" || value === "" || /^\d{4}-\d{2}-\d{2}$/.test(value);
  const shown = isShown && problem === undefined ? type : "text";
  return html`<label class="${name}">
    ${label}
    <input
      type="${shown}"
      name="${name}"
      value="${value}"
      ${problem !== undefined && html`aria-invalid="true" aria-describedby="problem-${name}"`}
    />
    ${
      problem !== undefined &&
      html`<span class="problem" id="problem-${name}" role="alert">${problem}</span>`
    }
  </label>`;
}

function results(link: Link, page: ConversationPage, fields: ListFields): Html {
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
    <p class="hint">${countOf(page)}</p>
    <ul class="list">
      ${page.conversations.map((each) => item(link, each, fields))}
    </ul>
    ${pager(link, page, fields)}`;
}

function countOf({ total, searched }: ConversationPage): string {
  const count = formatCount(total, "conversation");
  const found = searched === undefined ? "" : " found";
  const now = searched === undefined ? "" : " Search again to include newer messages.";
  return `${count}${found}, latest activity first.${now}`;
}

/** Says which messages were not searched, and whether some words were left out. */
function howFar({ messages, isComplete, wordsLeftOut }: Searched): Html | undefined {
  const parts: string[] = [];
  if (!isComplete) parts.push(`Searched the newest ${formatCount(messages, "message")}.`);
  if (wordsLeftOut > 0) {
    parts.push("Some of it was not searched for: it is too long, or has no letters or digits.");
  }
  return parts.length === 0
    ? undefined
    : html`<p class="notice" role="status">${parts.join(" ")}</p>`;
}

function item(
  link: Link,
  { id, sessionId, updatedAt, lastMessage, messageCount }: Conversation,
  fields: ListFields,
): Html {
  return html`<li data-key="${id} ${updatedAt} ${messageCount}">
    <a href="${link(threadPath(id, fields))}" id="${id}">
      <span class="preview" dir="auto">${lastMessage}</span>
      <span class="meta">
        <bdi class="who">${sessionId}</bdi>
        <span>${formatCount(messageCount, "message")}</span>
        ${timeElement(updatedAt)}
      </span>
    </a>
  </li>`;
}

function pager(link: Link, { nextCursor }: ConversationPage, fields: ListFields): Html | undefined {
  const older = nextCursor && listPath({ ...fields, cursor: encodeCursor(nextCursor) });
  if (older === undefined && fields.cursor === "") return undefined;
  return html`<nav class="pager" aria-label="Pages">
    ${fields.cursor !== "" && html`<a href="${link(listPath({ ...fields, cursor: "" }))}">Newest</a>`}
    ${older !== undefined && html`<a href="${link(older)}">Older</a>`}
  </nav>`;
}

function isFiltered({ q, from, to }: ListFields): boolean {
  return q !== "" || from !== "" || to !== "";
}
