import { cleanLine, cleanText } from "../readers/clean-text.ts";
import { randomText } from "../runtime/random-text.ts";
import { type KnowledgeDocument, NOTES_URI } from "../store/knowledge-store.ts";
import { type CuratorDeps, findDocumentById, requireRoom, storedDocument } from "./curator.ts";
import { MAX_NOTE_LENGTH, MAX_TITLE_LENGTH } from "./entry-limits.ts";
import { givenSource } from "./given-source.ts";
import { RefusedEntryError } from "./refused-entry.ts";
import { storePage } from "./store-page.ts";

/** What the owner types. A question and its answer are a note whose title is the question. */
export interface EnteredNote {
  readonly title: string;
  readonly text: string;
}

const ID_BYTES = 9;

/**
 * Stores a new note.
 * @throws RefusedEntryError, AppError database_full or knowledge_full
 */
export async function addNote(deps: CuratorDeps, note: EnteredNote): Promise<KnowledgeDocument> {
  const entered = readNote(note);
  await requireRoom(deps);
  return store(deps, entered, `note:${randomText(ID_BYTES)}`);
}

/**
 * Stores another text of a note. Returns undefined when there is no such note.
 * @throws RefusedEntryError, AppError database_full or knowledge_full
 */
export async function changeNote(
  deps: CuratorDeps,
  id: number,
  note: EnteredNote,
): Promise<KnowledgeDocument | undefined> {
  const known = await findNote(deps, id);
  if (known === undefined) return undefined;
  const entered = readNote(note);
  await requireRoom(deps);
  return store(deps, entered, known.uri);
}

/** The note with this id. */
export async function findNote(
  { store: documents }: Pick<CuratorDeps, "store">,
  id: number,
): Promise<KnowledgeDocument | undefined> {
  const document = await findDocumentById(documents, id);
  return document?.uri.startsWith("note:") ? document : undefined;
}

async function store(
  deps: CuratorDeps,
  { title, text }: EnteredNote,
  uri: string,
): Promise<KnowledgeDocument> {
  const at = deps.now();
  const { source } = await deps.store.addSource(
    givenSource({ kind: "notes", uri: NOTES_URI, createdAt: at }),
  );
  const document = { title, lang: undefined, parts: [{ path: [], anchor: "", text }] };
  const outcome = await storePage(deps.store, {
    sourceId: source.id,
    address: uri,
    document,
    original: text,
    at,
  });
  return storedDocument(deps.store, uri, outcome);
}

function readNote({ title, text }: EnteredNote): EnteredNote {
  const line = cleanLine(title, Infinity);
  if (line === "") throw new RefusedEntryError("title", "The title is missing.");
  if (line.length > MAX_TITLE_LENGTH) {
    const problem = `The title is longer than ${MAX_TITLE_LENGTH} characters.`;
    throw new RefusedEntryError("title", problem);
  }
  const lines = cleanText(text).trim();
  if (lines === "") throw new RefusedEntryError("text", "The text is missing.");
  if (lines.length > MAX_NOTE_LENGTH) {
    const most = MAX_NOTE_LENGTH.toLocaleString("en");
    throw new RefusedEntryError("text", `The text is longer than ${most} characters.`);
  }
  return { title: line, text: lines };
}
