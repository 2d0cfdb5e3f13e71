import type { Message, Thread } from "../conversation/records.ts";
import { isErrorCode, PUBLIC_ERRORS } from "../errors.ts";
import type { Link } from "../http/link.ts";
import { answerSources, groundingBadge } from "./answer-sources.ts";
import { formatCount, formatDuration, formatNumber, timeElement } from "./formats.ts";
import { type Html, html } from "./html.ts";
import { formToken, layout, liveRegion } from "./layout.ts";
import type { Session } from "./session.ts";

interface ThreadPageOptions {
  readonly link: Link;
  readonly session: Session;
  readonly thread: Thread;
  /** Whether the messages are the newest ones of the conversation. */
  readonly isNewest: boolean;
  readonly hasOlder: boolean;
  readonly published: string;
}

/** A page shows at most so many messages, or so much text, of a very long thread. */
export const SHOWN_MESSAGES = 500;
export const SHOWN_CHARACTERS = 400_000;

export function threadPage(options: ThreadPageOptions): Html {
  const { link, session, thread, isNewest, published } = options;
  const { conversation, messages } = thread;
  const { id, sessionId } = conversation;
  const content = html`<div class="heading">
      <h1 class="who"><bdi>${sessionId}</bdi></h1>
    </div>
    <p class="hint">${summary(thread)}</p>
    ${messages.length < conversation.messageCount && place(options)}
    <ol class="thread">
      ${messages.map(item)}
    </ol>`;
  return layout({
    link,
    title: "Conversation",
    section: "Conversations",
    session,
    body: html`<p class="back">
        <a href="${link("/dashboard/conversations")}">All conversations</a>
      </p>
      ${isNewest ? liveRegion(id, published, content) : content}
      <details class="danger">
        <summary>Delete this conversation</summary>
        <form method="post" action="${link(`/dashboard/conversations/${id}/delete`)}">
          ${formToken(session)}
          <p>
            All its messages are erased, also from the database file. This cannot be undone. Backups
            that were made before still hold them.
          </p>
          <button class="destructive">Delete for good</button>
        </form>
      </details>`,
  });
}

/** Says which part of a long thread is shown, with links to the other parts. */
function place({ link, thread, isNewest, hasOlder }: ThreadPageOptions): Html {
  const { conversation, messages } = thread;
  const path = link(`/dashboard/conversations/${conversation.id}`);
  const older = `${path}?before=${messages[0]?.id}`;
  return html`<p class="notice">
    ${isNewest ? "The newest" : "An older part,"} ${formatNumber(messages.length)} of
    ${formatCount(conversation.messageCount, "message")}.
    ${hasOlder && html`<a href="${older}">Older</a>`}
    ${!isNewest && html`<a href="${path}">The newest</a>`}
  </p>`;
}

function summary({ conversation, messages }: Thread): Html {
  const isWhole = messages.length === conversation.messageCount;
  const sum = messages.reduce((total, { usage }) => total + (usage?.totalTokens ?? 0), 0);
  const tokens = isWhole ? sum : 0;
  return html`${formatCount(conversation.messageCount, "message")}${
    tokens > 0 && `, ${formatCount(tokens, "token")}`
  },
  from ${timeElement(conversation.createdAt)} to ${timeElement(conversation.updatedAt)}`;
}

function item(message: Message): Html {
  const { id, role, content, status } = message;
  const isAnswer = role === "assistant";
  return html`<li class="message ${role}" data-key="${id} ${status}">
    <p class="author">
      ${isAnswer ? "Answer" : "Visitor"} ${isAnswer && badge(status)} ${groundingBadge(message)}
    </p>
    ${content !== "" && html`<p class="content" dir="auto">${content}</p>`} ${errorOf(message)}
    ${answerSources(message)}
    <p class="meta">${details(message)}</p>
  </li>`;
}

const STATUS_NAMES: Readonly<Record<Message["status"], string>> = {
  complete: "complete",
  streaming: "being written",
  stopped: "stopped",
  interrupted: "interrupted",
  failed: "failed",
};

function badge(status: Message["status"]): Html {
  return html`<span class="badge ${status}">${STATUS_NAMES[status]}</span>`;
}

function errorOf({ errorCode }: Message): Html | undefined {
  if (errorCode === undefined) return undefined;
  const sentence = isErrorCode(errorCode)
    ? PUBLIC_ERRORS[errorCode].message
    : "Something went wrong.";
  return html`<p class="problem">${sentence} <code>${errorCode}</code></p>`;
}

/** The known facts of an answer; for a question, only its time. */
function details(message: Message): Html[] {
  const { createdAt, model, usage, firstTokenMs, durationMs, finishReason } = message;
  const facts: Html[] = [html`<span>${timeElement(createdAt)}</span>`];
  if (model !== undefined) facts.push(html`<span>${model}</span>`);
  if (usage) {
    const { promptTokens, completionTokens } = usage;
    const tokens = `${formatNumber(promptTokens)} + ${formatNumber(completionTokens)} tokens`;
    facts.push(html`<span>${tokens}</span>`);
  }
  if (firstTokenMs !== undefined) {
    facts.push(html`<span>first token after ${formatDuration(firstTokenMs)}</span>`);
  }
  if (durationMs !== undefined) facts.push(html`<span>${formatDuration(durationMs)} in all</span>`);
  if (finishReason === "length" || finishReason === "content_filter") {
    const reason =
      finishReason === "length" ? "cut at the length limit" : "cut by a content filter";
    facts.push(html`<span>${reason}</span>`);
  }
  return facts;
}
