import { AppError } from "../../errors.ts";
import { MAX_TITLE_LENGTH } from "../../knowledge/entry-limits.ts";
import { addNote, changeNote, findNote } from "../../knowledge/write-note.ts";
import { type KnowledgeDocument, NOTES_URI } from "../../store/knowledge-store.ts";
import { field } from "../field.ts";
import { timeElement } from "../formats.ts";
import { type Content, type Html, html } from "../html.ts";
import { formToken } from "../layout.ts";
import { textArea } from "../settings/field-view.ts";
import { KNOWLEDGE_PATH, type KnowledgeTab, NOTHING_DONE, type TabView } from "./tab.ts";
import type { TabsDeps } from "./tabs-deps.ts";

const NOTES_PATH = `${KNOWLEDGE_PATH}/notes`;
/** Of the titles that a page lists. Others are found by their source's search. */
const LISTED_NOTES = 200;

/** What the owner has typed: notes, and questions with their answers. Below it, each of them. */
export function createNotesTab(deps: TabsDeps): KnowledgeTab {
  const { store, link } = deps;

  async function listNotes(): Promise<{
    notes: readonly KnowledgeDocument[];
    total: number;
    sourceId: number | undefined;
  }> {
    const source = (await store.listSources()).find(({ uri }) => uri === NOTES_URI);
    if (source === undefined) return { notes: [], total: 0, sourceId: undefined };
    const { documents, total } = await store.listDocuments({
      sourceId: source.id,
      limit: LISTED_NOTES,
    });
    return { notes: documents, total, sourceId: source.id };
  }

  return {
    id: "notes",
    name: "Notes",
    async page(view) {
      if (view.id !== undefined) {
        const note = await findNote(deps, view.id);
        if (note === undefined) throw new AppError("not_found");
        const text = (await store.findOriginal(note.id)) ?? "";
        const shown = view.entered ?? { title: note.title, text };
        return {
          title: note.title,
          body: noteBody(view, link(`${NOTES_PATH}/${note.id}`), link(NOTES_PATH), shown),
        };
      }
      const { notes, total, sourceId } = await listNotes();
      return {
        title: "Notes",
        body: [
          writeCard(view, link(NOTES_PATH), view.entered ?? {}),
          notes.length > 0 &&
            listCard(notes, total, (path) => link(`${KNOWLEDGE_PATH}/${path}`), sourceId),
        ],
      };
    },
    async submit({ id, fields }) {
      const note = { title: fields["title"] ?? "", text: fields["text"] ?? "" };
      switch (fields["action"]) {
        case "save":
          if (id === undefined) await addNote(deps, note);
          else if (!(await changeNote(deps, id, note))) throw new AppError("not_found");
          return { kind: "done", path: NOTES_PATH, says: "note" };
        case "remove":
          if (id === undefined || !(await findNote(deps, id))) throw new AppError("not_found");
          await store.removeDocument(id);
          return { kind: "done", path: NOTES_PATH, says: "removed" };
        default:
          return NOTHING_DONE;
      }
    },
  };
}

type Shown = Readonly<Record<string, string>>;

function writeCard(view: TabView, path: string, shown: Shown): Html {
  return html`<section class="card">
    <h2>New note</h2>
    <p class="hint">For what no page says, such as holiday opening hours.</p>
    ${noteForm(view, path, shown)}
  </section>`;
}

function noteForm({ session, problems }: TabView, path: string, shown: Shown): Html {
  return html`<form method="post" action="${path}" class="stack">
    ${formToken(session)}
    ${field({
      name: "title",
      label: "Question or title",
      problem: problems.get("title"),
      control: (attributes) =>
        html`<input
          type="text"
          value="${shown["title"] ?? ""}"
          maxlength="${MAX_TITLE_LENGTH}"
          ${attributes}
        />`,
    })}
    ${field({
      name: "text",
      label: "Answer or text",
      problem: problems.get("text"),
      control: (attributes) => textArea(shown["text"] ?? "", html`rows="6" ${attributes}`),
    })}
    <p class="buttons"><button name="action" value="save" class="primary">Save</button></p>
  </form>`;
}

function noteBody(view: TabView, path: string, back: string, shown: Shown): Content {
  return html`<p class="back"><a href="${back}">All notes</a></p>
    <section class="card">
      <h2>Edit note</h2>
      ${noteForm(view, path, shown)}
    </section>
    <details class="danger" id="remove">
      <summary>Remove this note</summary>
      <form method="post" action="${path}">
        ${formToken(view.session)}
        <p>The model will no longer get it. This cannot be undone.</p>
        <button name="action" value="remove" class="destructive">Remove</button>
      </form>
    </details>`;
}

function listCard(
  notes: readonly KnowledgeDocument[],
  total: number,
  pathOf: (path: string) => string,
  sourceId: number | undefined,
): Html {
  return html`<section class="card">
    <h2>Your notes</h2>
    <ul class="rows">
      ${notes.map(
        ({ id, title, status, reason, changedAt }) =>
          html`<li>
            <p class="name">
              <a href="${pathOf(`notes/${id}`)}" id="note-${id}"><bdi>${title}</bdi></a>
              ${status === "off" && html`<span class="badge off">switched off</span>`}
            </p>
            ${reason !== undefined && html`<p class="problem">${reason}</p>`}
            <p class="meta"><span>changed ${timeElement(changedAt)}</span></p>
          </li>`,
      )}
    </ul>
    ${
      total > notes.length &&
      html`<p><a href="${pathOf(`sources/${sourceId}`)}">Search all ${total} notes</a></p>`
    }
  </section>`;
}
