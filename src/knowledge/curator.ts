import { AppError } from "../errors.ts";
import type { KnowledgeDocument, KnowledgeStore, PutOutcome } from "../store/knowledge-store.ts";

/** What is needed to do what the owner wants with the knowledge, for the admin API and the dashboard alike. */
export interface CuratorDeps {
  readonly store: KnowledgeStore;
  readonly config: { readonly knowledge: { readonly refreshHours: number } };
  /** Whether the database has room for more. */
  readonly hasRoom: () => Promise<boolean>;
  /** Called when there is something to read. */
  readonly onDue: () => void;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** @throws AppError database_full */
export async function requireRoom({ hasRoom }: Pick<CuratorDeps, "hasRoom">): Promise<void> {
  if (!(await hasRoom())) throw new AppError("database_full");
}

/**
 * The document that was put.
 * @throws AppError knowledge_full, or not_found when it was removed meanwhile
 */
export async function storedDocument(
  store: Pick<KnowledgeStore, "findDocument">,
  uri: string,
  outcome: PutOutcome,
): Promise<KnowledgeDocument> {
  if (outcome === "full") throw new AppError("knowledge_full");
  const document = outcome === "gone" ? undefined : await store.findDocument(uri);
  if (document === undefined) throw new AppError("not_found");
  return document;
}

/** A document by its id. */
export async function findDocumentById(
  store: Pick<KnowledgeStore, "listDocuments">,
  id: number,
): Promise<KnowledgeDocument | undefined> {
  const { documents } = await store.listDocuments({ limit: 1, afterId: id - 1 });
  return documents.find((document) => document.id === id);
}
