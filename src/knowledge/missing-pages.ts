import type { DocumentNote, KnowledgeDocument, KnowledgeStore } from "../store/knowledge-store.ts";

/** How many readings in a row must not find a page before it is removed. */
const MAX_MISSES = 3;
const PAGE_OF_DOCUMENTS = 500;

type MissingStore = Pick<
  KnowledgeStore,
  "noteDocument" | "findDocument" | "removeDocument" | "listDocuments"
>;

export interface MissingPage extends Pick<DocumentNote, "sourceId" | "uri" | "reason" | "at"> {
  /** The page exists, and is not to be read. It keeps its entry, without its text. */
  readonly isSkipped: boolean;
}

/**
 * Stores that a page was not found. At the third time in a row it is removed: a site may be broken for a day. What
 * the owner has switched off stays, since it would come back switched on. Returns whether it was removed.
 */
export async function noteMissing(store: MissingStore, page: MissingPage): Promise<boolean> {
  const { isSkipped, ...found } = page;
  const note = { ...found, status: isSkipped ? "skipped" : "failed" } as const;
  await store.noteDocument({ ...note, isMissing: true });
  const document = await store.findDocument(page.uri);
  if (document === undefined || document.status === "off" || document.misses < MAX_MISSES) {
    return false;
  }
  if (isSkipped && document.sections === 0) return false;
  await store.removeDocument(document.id);
  if (isSkipped) await store.noteDocument({ ...note, isMissing: false });
  return true;
}

/** The documents of a source, read a page of them at a time. Removing one meanwhile does no harm. */
export async function* documentsOf(
  store: Pick<MissingStore, "listDocuments">,
  sourceId: number,
): AsyncGenerator<KnowledgeDocument> {
  let afterId = 0;
  for (;;) {
    const { documents } = await store.listDocuments({
      sourceId,
      limit: PAGE_OF_DOCUMENTS,
      afterId,
    });
    yield* documents;
    const last = documents.at(-1);
    if (last === undefined || documents.length < PAGE_OF_DOCUMENTS) return;
    afterId = last.id;
  }
}
