import { AppError } from "../../errors.ts";
import { addNote, changeNote, findNote } from "../../knowledge/write-note.ts";
import { type KnowledgeDocument, NOTES_URI } from "../../store/knowledge-store.ts";
import { timeElement } from "../formats.ts";
import { type Content, type Html, html } from "../html.ts";
import { noteForm, removalForm } from "./note-form.ts";
import {
  type Fields,
  KNOWLEDGE_PATH,
  type KnowledgeTab,
  NOTHING_DONE,
  type TabView,
} from "./tab.ts";
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

function writeCard(view: TabView, path: string, shown: Fields): Html {
  return html`<section class="card">
    <h2>New note</h2>
    <p class="hint">For what no page says, such as holiday opening hours.</p>
    ${ownForm(view, path, shown)}
  </section>`;
}

function ownForm(view: TabView, path: string, shown: Fields): Html {
  return noteForm(view, {
    path,
    title: { name: "title", label: "Question or title" },
    text: { name: "text", label: "Answer or text" },
    shown,
    action: "save",
  });
}

function noteBody(view: TabView, path: string, back: string, shown: Fields): Content {
  return html`<p class="back"><a href="${back}">All notes</a></p>
    <section class="card">
      <h2>Edit note</h2>
      ${ownForm(view, path, shown)}
    </section>
    ${removalForm(view, path, "note")}`;
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
