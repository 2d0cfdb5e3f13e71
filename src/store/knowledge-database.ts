import type { AnswerTestStore } from "./answer-test-store.ts";
import type { KnowledgeStore } from "./knowledge-store.ts";
import type { SpendingStore } from "./spending-store.ts";
import type { StoreHealth } from "./store.ts";

/** A database that was opened for what the bot knows, by a command beside the server. */
export interface KnowledgeDatabase
  extends KnowledgeStore, AnswerTestStore, SpendingStore, Pick<StoreHealth, "usedBytes"> {
  close(): Promise<void>;
}
