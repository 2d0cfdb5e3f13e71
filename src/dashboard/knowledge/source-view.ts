import type { Link } from "../../http/link.ts";
import { isBeingRead, isReadFromWeb } from "../../knowledge/curate-sources.ts";
import type { SourceProgress } from "../../knowledge/learning-progress.ts";
import {
  ANSWERS_URI,
  DOCUMENT_STATUSES,
  type DocumentStatus,
  NOTES_URI,
  type SourceSummary,
} from "../../store/knowledge-store.ts";
import { formatCount, formatNumber, timeElement } from "../formats.ts";
import { type Content, type Html, html } from "../html.ts";
import { shareBar } from "../share-bar.ts";
import { KNOWLEDGE_PATH } from "./tab.ts";

/** How a source is: its last reading, what it has, and what is under way. */
export interface SourceState {
  readonly source: SourceSummary;
  /** Of a reading in this process. */
  readonly progress: SourceProgress | undefined;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** What is under way in a source, in this process. */
export function ofSource(
  current: readonly SourceProgress[],
  id: number,
): SourceProgress | undefined {
  return current.find(({ sourceId }) => sourceId === id);
}

/** Names that are not addresses. */
const NAMES: Readonly<Record<string, string>> = {
  [NOTES_URI]: "Notes",
  [ANSWERS_URI]: "Answers to visitors’ questions",
  "api:": "Pages that programs have sent",
};

/** What the owner knows a source by. */
export function nameOf(uri: string): string {
  return NAMES[uri] ?? uri.replace(/^https?:\/\//, "").replace(/^([^/]+)\/$/, "$1");
}

/** What a document of a source is called. */
const DOCUMENT_WORDS: Readonly<Record<SourceSummary["kind"], string>> = {
  site: "page",
  page: "page",
  files: "document",
  notes: "note",
};

/** What has become of documents, in words. */
export const STATUS_WORDS: Readonly<Record<DocumentStatus, string>> = {
  ok: "read",
  failed: "failed",
  empty: "without text",
  skipped: "left out",
  off: "switched off",
};

export function stateView(state: SourceState, link: Link): Html {
  const { source, progress } = state;
  return html`<div class="state">
    ${source.error !== undefined && html`<p class="problem">${source.error}</p>`}
    ${progress === undefined ? waitingView(state) : readingView(progress)}
    <p class="meta">${factsOf(source, link)}</p>
    ${timesOf(state)}
  </div>`;
}

/** The browser moves it along while the page is open. */
function readingView({ sourceId, read, total, address }: SourceProgress): Html {
  return html`<div class="reading" data-reading="${sourceId}">
    <p><strong>Being read:</strong> <span data-count>${countOf(read, total)}</span></p>
    ${shareBar(total === 0 ? 0 : read / total)}
    <p class="hint address" data-address>${address}</p>
  </div>`;
}

function countOf(read: number, total: number): string {
  return `${formatNumber(read)} of ${formatCount(total, "page")} found so far`;
}

/** Due, and not begun; or read by another replica or by the command line. */
function waitingView({ source, now }: SourceState): Content {
  if (isBeingRead(source)) {
    return html`<p data-waiting><strong>Being read</strong></p>`;
  }
  const isDue = source.nextAt !== undefined && source.nextAt <= now;
  return isDue && html`<p data-waiting>Waiting to be read.</p>`;
}

function factsOf({ id, kind, documents, sections, words }: SourceSummary, link: Link): Html[] {
  const all = DOCUMENT_STATUSES.reduce((sum, status) => sum + documents[status], 0);
  if (all === 0) return [];
  const others = DOCUMENT_STATUSES.filter((status) => status !== "ok" && documents[status] > 0);
  return [
    html`<span>${formatCount(documents.ok, DOCUMENT_WORDS[kind])}</span>`,
    html`<span>${formatCount(sections, "section")}</span>`,
    html`<span>${formatCount(words, "word")}</span>`,
    ...others.map(
      (status) =>
        html`<a
          href="${link(`${KNOWLEDGE_PATH}/sources/${id}?status=${status}`)}#documents"
          class="${status === "failed" && "problem"}"
          >${formatNumber(documents[status])} ${STATUS_WORDS[status]}</a
        >`,
    ),
  ];
}

function timesOf({ source, now }: SourceState): Content {
  const { endedAt, changedAt, nextAt } = source;
  if (!isReadFromWeb(source)) {
    return (
      changedAt !== undefined &&
      html`<p class="meta"><span>changed ${timeElement(changedAt)}</span></p>`
    );
  }
  return html`<p class="meta">
    ${endedAt !== undefined && html`<span>read ${timeElement(endedAt)}</span>`}
    ${changedAt !== undefined && html`<span>changed ${timeElement(changedAt)}</span>`}
    ${nextAt !== undefined && nextAt > now && html`<span>next reading ${timeElement(nextAt)}</span>`}
    ${nextAt === undefined && html`<span>read again only on request</span>`}
  </p>`;
}
