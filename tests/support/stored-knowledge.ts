import type {
  KnowledgeSource,
  KnowledgeStore,
  NewDocument,
  NewSource,
} from "../../src/store/knowledge-store.ts";
import type { Section } from "../../src/text/document.ts";
import { NOON } from "./stored-turns.ts";

/** What the bot knows as its readers store it, with defaults for what a test does not set. */

export function newSource(source: Partial<NewSource> = {}): NewSource {
  return {
    kind: "site",
    uri: "https://shop.example/",
    everyHours: 24,
    only: undefined,
    ignoresRobots: false,
    createdAt: NOON,
    nextAt: NOON,
    ...source,
  };
}

export async function addSource(
  store: KnowledgeStore,
  source: Partial<NewSource> = {},
): Promise<KnowledgeSource> {
  return (await store.addSource(newSource(source))).source;
}

/** A section without a heading. */
export function section(text: string, heading = "", anchor = ""): Section {
  return { heading, anchor, text };
}

export function newDocument(
  document: Partial<NewDocument> & { readonly sourceId: number },
): NewDocument {
  const sections = document.sections ?? [section("Parcels to Norway take three days.")];
  return {
    uri: "https://shop.example/shipping",
    title: "Shipping",
    lang: "en",
    etag: undefined,
    lastModified: undefined,
    hash: String(Bun.hash(JSON.stringify(sections))),
    sections,
    at: NOON,
    ...document,
  };
}

/** The texts that a question finds, the best first. */
export async function foundTexts(store: KnowledgeStore, question: string): Promise<string[]> {
  const found = await store.searchKnowledge([{ text: question, weight: 1, maxPostings: 30_000 }]);
  const sections = await store.readSections(found.map(({ id }) => id));
  return sections.map(({ text }) => text);
}
