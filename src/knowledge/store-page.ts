import type { ReadOutcome } from "../crawl/page-outcome.ts";
import { turnOfItsOwn } from "../runtime/event-loop-turn.ts";
import {
  type KnowledgeStore,
  MAX_DOCUMENT_SECTIONS,
  type PutOutcome,
} from "../store/knowledge-store.ts";
import { cutSections } from "../text/cut-sections.ts";
import type { ReadDocument } from "../text/document.ts";
import { textHash } from "./text-hash.ts";

/** A page whose text is to be stored. */
export interface PageText
  extends Pick<ReadOutcome, "address">, Partial<Pick<ReadOutcome, "etag" | "lastModified">> {
  readonly sourceId: number;
  readonly document: ReadDocument;
  /** Of the document. Missing: it is made. */
  readonly hash?: string;
  /** What the owner typed. Notes only. */
  readonly original?: string | undefined;
  readonly at: number;
}

type PageStore = Pick<KnowledgeStore, "putDocument" | "noteDocument">;

/** Cuts the text of a page into sections and stores them, with turns of the event loop between the steps. */
export async function storePage(store: PageStore, page: PageText): Promise<PutOutcome> {
  const { sourceId, address: uri, document, etag, lastModified, original, at } = page;
  await turnOfItsOwn();
  const { hash = textHash(document) } = page;
  const { sections, isCutOff } = cutSections(document, MAX_DOCUMENT_SECTIONS);
  await turnOfItsOwn();
  const title = document.title || uri;
  const { lang } = document;
  const outcome = await store.putDocument({
    sourceId,
    uri,
    title,
    lang,
    etag,
    lastModified,
    hash,
    sections,
    original,
    at,
  });
  if (isCutOff && (outcome === "stored" || outcome === "unchanged")) {
    const note = { sourceId, uri, status: "skipped", isMissing: false, at } as const;
    await store.noteDocument({ ...note, reason: TOO_LONG });
  }
  return outcome;
}

const TOO_LONG = `It is very long. Its first ${MAX_DOCUMENT_SECTIONS} sections are searched.`;
