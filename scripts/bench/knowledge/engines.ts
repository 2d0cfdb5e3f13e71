import MiniSearch from "minisearch";

import { questionTexts } from "../../../src/knowledge/question-texts.ts";
import { MAX_DOCUMENT_SECTIONS } from "../../../src/store/knowledge-store.ts";
import { openSqliteStore } from "../../../src/store/sqlite/open.ts";
import { cutSections } from "../../../src/text/cut-sections.ts";
import type { Collection, CollectionDocument } from "./collection.ts";
import type { FindDocuments } from "./measures.ts";

/** A search in the documents of a collection. */
export interface Engine {
  readonly name: string;
  /** Takes all documents in. */
  open(docs: Collection["docs"]): Promise<OpenEngine>;
}

interface OpenEngine {
  readonly find: FindDocuments;
  close(): Promise<void>;
}

/** How many sections are looked at to find ten documents. */
const SECTIONS = 100;

/** As the server has it: cut into sections and stored in SQLite. A document is as good as its best section. */
export const chatporch: Engine = {
  name: "chatporch",
  async open(docs) {
    const store = openSqliteStore(":memory:");
    const { source } = await store.addSource({
      kind: "files",
      uri: "collection",
      everyHours: undefined,
      only: undefined,
      ignoresRobots: false,
      createdAt: 0,
      nextAt: undefined,
    });
    for (const doc of docs) await store.putDocument(newDocument(source.id, doc));
    return {
      async find(turns) {
        const history = turns.map((content) => ({ role: "user" as const, content }));
        const found = (await store.searchKnowledge(questionTexts(history))).slice(0, SECTIONS);
        const sections = await store.readSections(found.map(({ id }) => id));
        return [...new Set(sections.map(({ uri }) => uri))];
      },
      close: () => store.close(),
    };
  },
};

function newDocument(sourceId: number, { id, title = "", heading, text }: CollectionDocument) {
  const parts = [{ path: heading === undefined ? [] : [heading], anchor: "", text }];
  const { sections } = cutSections({ title, lang: undefined, parts }, MAX_DOCUMENT_SECTIONS);
  const unchanging = { lang: undefined, etag: undefined, lastModified: undefined, at: 0 };
  return { ...unchanging, sourceId, uri: id, title, hash: id, sections };
}

/**
 * A search engine in JavaScript that many websites have, with its own defaults and the boost of titles that its
 * documentation shows. A conversation is searched by its last question.
 */
export const miniSearch: Engine = {
  name: "MiniSearch",
  async open(docs) {
    const index = new MiniSearch<CollectionDocument>({
      fields: ["title", "heading", "text"],
      searchOptions: { boost: { title: 2 } },
    });
    index.addAll(docs);
    return {
      find: async (turns) =>
        index
          .search(turns.at(-1) ?? "")
          .slice(0, SECTIONS)
          .map(({ id }) => String(id)),
      close: async () => index.removeAll(),
    };
  },
};
