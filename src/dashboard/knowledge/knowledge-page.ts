import type { Link } from "../../http/link.ts";
import { type Html, html } from "../html.ts";
import { layout } from "../layout.ts";
import type { Session } from "../session.ts";
import {
  type Confirmation,
  CONFIRMATIONS,
  KNOWLEDGE_PATH,
  type KnowledgeTab,
  type Problems,
  type TabPage,
} from "./tab.ts";

interface KnowledgePageOptions {
  readonly link: Link;
  readonly session: Session;
  readonly tabs: readonly KnowledgeTab[];
  readonly tab: KnowledgeTab;
  /** What was just done, from the address. */
  readonly done: string | null;
  readonly problems: Problems;
  readonly page: TabPage;
}

/** Problems that belong to no field of a page stand on top, under this name. */
export const WHOLE_FORM = "";

export function knowledgePage(options: KnowledgePageOptions): Html {
  const { link, session, tabs, tab, done, problems, page } = options;
  const problem = problems.get(WHOLE_FORM);
  return layout({
    link,
    title: page.title === "" ? "Knowledge" : `${page.title} · Knowledge`,
    section: "Knowledge",
    session,
    body: html`<h1>Knowledge</h1>
      <div class="tabbed">
        <nav class="tabs" aria-label="Knowledge">
          ${tabs.map(
            ({ id, name }) =>
              name !== undefined &&
              html`<a href="${link(pathOf(id))}" ${id === tab.id && html`aria-current="page"`}
                >${name}</a
              >`,
          )}
          <a href="${link("/dashboard/settings/knowledge")}">Settings</a>
        </nav>
        <div class="stack">
          ${isConfirmation(done) && html`<p class="notice good" role="status">${CONFIRMATIONS[done]}</p>`}
          ${problem !== undefined && html`<p class="notice bad" role="alert">${problem}</p>`}
          ${page.body}
        </div>
      </div>`,
  });
}

/** The first tab is at the path of them all. */
function pathOf(id: string): string {
  return id === "sources" ? KNOWLEDGE_PATH : `${KNOWLEDGE_PATH}/${id}`;
}

function isConfirmation(done: string | null): done is Confirmation {
  return done !== null && Object.hasOwn(CONFIRMATIONS, done);
}
