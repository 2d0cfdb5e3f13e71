import type { Link } from "../../http/link.ts";
import {
  DOCUMENT_STATUSES,
  type DocumentFilter,
  type DocumentPage,
  type KnowledgeDocument,
} from "../../store/knowledge-store.ts";
import { formatCount, timeElement } from "../formats.ts";
import { type Html, html } from "../html.ts";
import { nameOf, STATUS_WORDS } from "./source-view.ts";
import { KNOWLEDGE_PATH } from "./tab.ts";

export const PAGE_OF_DOCUMENTS = 50;

interface DocumentsOptions {
  readonly link: Link;
  /** The page that shows them. */
  readonly path: string;
  readonly filter: DocumentFilter;
  readonly page: DocumentPage;
}

/** The documents of a source, with a search in their names. */
export function documentsView(options: DocumentsOptions): Html {
  const { link, filter, page } = options;
  const isFiltered = filter.search !== undefined || filter.status !== undefined;
  return html`<section class="card" id="documents">
    <div class="heading">
      <h2>Documents</h2>
      <p class="hint">${formatCount(page.total, "document")}${isFiltered && " found"}</p>
    </div>
    ${(isFiltered || page.total > 0) && filterForm(options)}
    ${
      page.documents.length > 0 &&
      html`<ul class="rows">
        ${page.documents.map((document) => documentRow(link, document))}
      </ul>`
    }
    ${pager(options)}
  </section>`;
}

function filterForm({ link, path, filter }: DocumentsOptions): Html {
  return html`<form method="get" action="${link(path)}" role="search" class="search documents">
    <label class="q">
      Title or address
      <input type="search" name="q" value="${filter.search ?? ""}" maxlength="200" />
    </label>
    <label>
      Status
      <select name="status">
        <option value="">all</option>
        ${DOCUMENT_STATUSES.map(
          (status) =>
            html`<option value="${status}" ${status === filter.status && html`selected`}>
              ${STATUS_WORDS[status]}
            </option>`,
        )}
      </select>
    </label>
    <p class="buttons"><button>Search</button></p>
  </form>`;
}

function documentRow(link: Link, document: KnowledgeDocument): Html {
  const { id, uri, status, reason, sections, changedAt } = document;
  const address = nameOf(uri);
  const title = document.title === "" ? address : nameOf(document.title);
  return html`<li>
    <p class="name">
      <a href="${link(`${KNOWLEDGE_PATH}/documents/${id}`)}" id="document-${id}"
        ><bdi>${title}</bdi></a
      >
      ${status !== "ok" && html`<span class="badge ${status}">${STATUS_WORDS[status]}</span>`}
    </p>
    ${reason !== undefined && html`<p class="${status === "ok" || status === "failed" ? "problem" : "hint"}">${reason}</p>`}
    <p class="meta">
      ${title !== address && html`<bdi class="who">${address}</bdi>`}
      ${sections > 0 && html`<span>${formatCount(sections, "section")}</span>`}
      ${sections > 0 && html`<span>changed ${timeElement(changedAt)}</span>`}
    </p>
  </li>`;
}

function pager({ link, path, filter, page }: DocumentsOptions): Html | undefined {
  const last = page.documents.at(-1);
  const hasMore = last !== undefined && page.documents.length === PAGE_OF_DOCUMENTS;
  if (!hasMore && filter.afterId === undefined) return undefined;
  const to = (after: string) => {
    const { search = "", status = "" } = filter;
    const query = Object.entries({ q: search, status, after }).filter(([, value]) => value !== "");
    return `${link(path)}?${new URLSearchParams(query)}#documents`;
  };
  return html`<nav class="pager" aria-label="Pages">
    ${filter.afterId !== undefined && html`<a href="${to("")}">First</a>`}
    ${hasMore && html`<a href="${to(String(last.id))}">Next</a>`}
  </nav>`;
}
