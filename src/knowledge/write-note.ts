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

/** What kind of note it is: where it is stored, how its uri begins, how long it may be, and what its form calls its parts. */
export interface NoteKind {
  readonly sourceUri: string;
  readonly scheme: string;
  readonly maxLength: number;
  readonly names: { readonly title: string; readonly text: string };
}

const NOTES: NoteKind = {
  sourceUri: NOTES_URI,
  scheme: "note:",
  maxLength: MAX_NOTE_LENGTH,
  names: { title: "title", text: "text" },
};
const ID_BYTES = 9;

/**
 * Stores a new note.
 * @throws RefusedEntryError, AppError database_full or knowledge_full
 */
export async function addNote(
  deps: CuratorDeps,
  note: EnteredNote,
  kind = NOTES,
): Promise<KnowledgeDocument> {
  const entered = readNote(note, kind);
  await requireRoom(deps);
  return store(deps, entered, { uri: `${kind.scheme}${randomText(ID_BYTES)}`, kind });
}

/**
 * Stores another text of a note. Returns undefined when there is no such note.
 * @throws RefusedEntryError, AppError database_full or knowledge_full
 */
export async function changeNote(
  deps: CuratorDeps,
  id: number,
  note: EnteredNote,
  kind = NOTES,
): Promise<KnowledgeDocument | undefined> {
  const known = await findNote(deps, id, kind);
  if (known === undefined) return undefined;
  const entered = readNote(note, kind);
  await requireRoom(deps);
  return store(deps, entered, { uri: known.uri, kind });
}

/** The note with this id. */
export async function findNote(
  { store: documents }: Pick<CuratorDeps, "store">,
  id: number,
  kind = NOTES,
): Promise<KnowledgeDocument | undefined> {
  const document = await findDocumentById(documents, id);
  return document?.uri.startsWith(kind.scheme) ? document : undefined;
}

async function store(
  deps: CuratorDeps,
  { title, text }: EnteredNote,
  { uri, kind }: { readonly uri: string; readonly kind: NoteKind },
): Promise<KnowledgeDocument> {
  const at = deps.now();
  const { source } = await deps.store.addSource(
    givenSource({ kind: "notes", uri: kind.sourceUri, createdAt: at }),
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

function readNote({ title, text }: EnteredNote, { names, maxLength }: NoteKind): EnteredNote {
  const line = cleanLine(title, Infinity);
  if (line === "") throw new RefusedEntryError(names.title, `The ${names.title} is missing.`);
  if (line.length > MAX_TITLE_LENGTH) {
    const problem = `The ${names.title} is longer than ${MAX_TITLE_LENGTH} characters.`;
    throw new RefusedEntryError(names.title, problem);
  }
  const lines = cleanText(text).trim();
  if (lines === "") throw new RefusedEntryError(names.text, `The ${names.text} is missing.`);
  if (lines.length > maxLength) {
    const most = maxLength.toLocaleString("en");
    throw new RefusedEntryError(names.text, `The ${names.text} is longer than ${most} characters.`);
  }
  return { title: line, text: lines };
}
