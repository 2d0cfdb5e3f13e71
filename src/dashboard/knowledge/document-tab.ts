import { AppError } from "../../errors.ts";
import { findDocumentById } from "../../knowledge/curator.ts";
import type { KnowledgeDocument, StoredSection } from "../../store/knowledge-store.ts";
import { formatCount, timeElement } from "../formats.ts";
import { type Html, html } from "../html.ts";
import { formToken } from "../layout.ts";
import { nameOf, STATUS_WORDS } from "./source-view.ts";
import { KNOWLEDGE_PATH, type KnowledgeTab, NOTHING_DONE, type TabView } from "./tab.ts";
import type { TabsDeps } from "./tabs-deps.ts";

/** One document: what was read of it, and whether it is used. It is reached from its source. */
export function createDocumentTab({ store, link }: TabsDeps): KnowledgeTab {
  async function find(id: number | undefined): Promise<KnowledgeDocument> {
    const found = id === undefined ? undefined : await findDocumentById(store, id);
    if (found === undefined) throw new AppError("not_found");
    return found;
  }

  return {
    id: "documents",
    name: undefined,
    async page(view) {
      const document = await find(view.id);
      const sections = await store.sectionsOf(document.id);
      const title = titleOf(document);
      const back = link(`${KNOWLEDGE_PATH}/sources/${document.sourceId}`);
      return {
        title,
        body: html`<p class="back"><a href="${back}">Source</a></p>
          ${documentCard(document, view, link(`${KNOWLEDGE_PATH}/documents/${document.id}`))}
          ${textCard(sections)}`,
      };
    },
    async submit({ id, fields }) {
      const document = await find(id);
      const path = `${KNOWLEDGE_PATH}/documents/${document.id}`;
      switch (fields["action"]) {
        case "off":
        case "on":
          await store.switchDocument(document.id, fields["action"] === "off");
          return { kind: "done", path, says: fields["action"] };
        case "remove":
          await store.removeDocument(document.id);
          return {
            kind: "done",
            path: `${KNOWLEDGE_PATH}/sources/${document.sourceId}`,
            says: "removed",
          };
        default:
          return NOTHING_DONE;
      }
    },
  };
}

function titleOf({ title, uri }: KnowledgeDocument): string {
  return title === "" ? nameOf(uri) : title;
}

function documentCard(document: KnowledgeDocument, { session }: TabView, path: string): Html {
  const { uri, status, reason, sections, words, checkedAt, changedAt } = document;
  const isOff = status === "off";
  const isPage = /^https?:/.test(uri);
  return html`<section class="card">
    <div class="heading">
      <h2><bdi>${titleOf(document)}</bdi></h2>
      ${isPage && html`<a href="${uri}" rel="noreferrer">Open</a>`}
    </div>
    <p class="who hint"><bdi>${uri}</bdi></p>
    <p class="meta">
      <span class="badge ${status}">${STATUS_WORDS[status]}</span>
      <span>${formatCount(sections, "section")}</span>
      <span>${formatCount(words, "word")}</span>
      <span>checked ${timeElement(checkedAt)}</span>
      <span>changed ${timeElement(changedAt)}</span>
    </p>
    ${reason !== undefined && html`<p class="problem">${reason}</p>`}
    <form method="post" action="${path}" class="buttons">
      ${formToken(session)}
      <button name="action" value="${isOff ? "on" : "off"}">
        ${isOff ? "Switch on" : "Switch off"}
      </button>
      <button name="action" value="remove" class="destructive">Remove</button>
    </form>
    <p class="hint">
      The model does not get what is switched off.
      ${isPage && "A removed page comes back when its website is read again."}
    </p>
  </section>`;
}

function textCard(sections: readonly StoredSection[]): Html | undefined {
  if (sections.length === 0) return undefined;
  return html`<section class="card">
    <h2>What was read</h2>
    <p class="hint">
      Split into the sections that questions find. Neighbouring sections share a few sentences.
    </p>
    ${sections.map(
      ({ heading, text }) =>
        html`<article class="section">
          ${heading !== "" && html`<h3 dir="auto">${heading}</h3>`}
          <p class="text" dir="auto">${text}</p>
        </article>`,
    )}
  </section>`;
}
