import type { FinishReason, Message } from "../../conversation/records.ts";
import type { Link } from "../../http/link.ts";
import { clockElement } from "../formats.ts";
import { type Html, html } from "../html.ts";
import { answerPathOfTurn } from "../knowledge/questions-view.ts";
import { messageAnchor } from "../list-path.ts";
import { statusBadge } from "../status-badge.ts";
import { answerSources, groundingBadge, sourceAnchor } from "./answer-sources.ts";
import { factsOf } from "./facts.ts";
import { failureFor } from "./failures.ts";
import type { MarkWords } from "./found-words.ts";
import { markdownHtml, tagsHtml } from "./markdown-html.ts";
import { ratingBadge, ratingView } from "./rating-view.ts";

export interface MessageViewOptions {
  readonly link: Link;
  /** Whether Markdown is shown as the model wrote it. */
  readonly isSource: boolean;
  /** Of what answers have cost. */
  readonly currency: string;
  /** Marks the words that were searched for. */
  readonly mark: MarkWords;
}

/** A longer answer is shown as it was written. Reading its Markdown would hold up the server's other work. */
const MAX_MARKDOWN_CHARACTERS = 50_000;

/** In a longer message, no word is marked. */
const MAX_MARKED_CHARACTERS = 50_000;

const WRITERS = { user: "Visitor", assistant: "Answer" } as const;

/** A question, an answer as the visitor saw it, or what the owner wrote, with what is known of it. */
export function messageView(message: Message, options: MessageViewOptions): Html {
  const { id, role, status, turnId, createdAt, author } = message;
  const anchor = messageAnchor(id);
  const isAnswer = role === "assistant" && author === undefined;
  return html`<li
    class="message ${role}${author && " owner"}"
    id="${anchor}"
    data-key="${id} ${status} ${message.rating?.at}"
    ${status === "streaming" && html`data-growing="${turnId}"`}
  >
    <div class="head">
      <h2 class="author">${author ? html`<bdi>${author.name}</bdi>` : WRITERS[role]}</h2>
      <a class="at" href="#${anchor}">${clockElement(createdAt)}</a>
      ${isAnswer && badgeOf(message)} ${groundingBadge(message)} ${ratingBadge(message)}
      ${factsOf(message, options.currency)}
    </div>
    ${isAnswer ? answer(message, options) : plainText(message, options)}
    ${failureOf(message, options)} ${answerSources(message, anchor)} ${ratingView(message)}
    ${isAnswer && answerLink(message, options)}
  </li>`;
}

/** What people write is shown as they have typed it. */
function plainText({ content }: Message, { mark }: MessageViewOptions): Html {
  return html`<p class="content" dir="auto">${marked(content, mark)}</p>`;
}

function marked(content: string, mark: MarkWords): readonly Html[] | string {
  return content.length > MAX_MARKED_CHARACTERS ? content : tagsHtml(mark(content));
}

function answer(message: Message, { isSource, mark }: MessageViewOptions): Html | undefined {
  const { id, content, status, sources = [] } = message;
  const isGrowing = status === "streaming";
  if (content === "" && !isGrowing) return undefined;
  if (isSource || content.length > MAX_MARKDOWN_CHARACTERS) {
    return html`<pre class="content" dir="auto" data-written>${marked(content, mark)}</pre>`;
  }
  const cited = sources.filter(({ isCited }) => isCited).map(({ number }) => number);
  const tags = markdownHtml(content, {
    sources: new Set(cited),
    sourceAddress: (number) => `#${sourceAnchor(messageAnchor(id), number)}`,
    isGrowing,
    ...(content.length <= MAX_MARKED_CHARACTERS && { text: mark }),
  });
  return html`<div class="content written" data-written>${tags}</div>`;
}

const CUTS: Readonly<Partial<Record<FinishReason, string>>> = {
  length: "cut at the length limit",
  content_filter: "cut by a content filter",
  person: "cut when you took over",
};

function badgeOf({ status, finishReason }: Message): Html {
  const cut = finishReason && CUTS[finishReason];
  return html`${statusBadge(status)} ${cut && html`<span class="badge stopped">${cut}</span>`}`;
}

/** From an answer that was not a good one to the page on which the owner writes a better one. */
function answerLink(message: Message, { link }: MessageViewOptions): Html | undefined {
  const { grounding, rating, turnId } = message;
  const isUnknown = grounding === "none" || grounding === "unsourced";
  if (!isUnknown && rating?.value !== "negative") return undefined;
  return html`<p class="better">
    <a href="${link(answerPathOfTurn(turnId))}">Write the answer</a>
  </p>`;
}

/** Why the answer ended before its end, and what the owner can do about it. */
function failureOf(message: Message, { link }: MessageViewOptions): Html | undefined {
  const { errorCode, status, turnId } = message;
  if (status === "stopped") {
    return html`<p class="hint">The visitor stopped it or left before its end.</p>`;
  }
  if (errorCode === undefined) return undefined;
  const { why, advice, page, isLogged } = failureFor(errorCode);
  return html`<div class="failure">
    <p>${why}</p>
    <p>${advice} ${page && html`<a href="${link(page.path)}">${page.name}</a>`}</p>
    <p class="hint">
      ${isLogged ? html`For more, search the server's log for <code>${turnId}</code>.` : ""} Code:
      <code>${errorCode}</code>
    </p>
  </div>`;
}
