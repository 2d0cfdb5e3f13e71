import type { Database } from "bun:sqlite";

import type { ConversationFilter, ConversationPage } from "../conversation-store.ts";
import { SEARCH_TIME_MS } from "../search-queue.ts";

/** Runs searches, in this process or in another. */
export interface Searcher {
  /** @throws TooManySearchesError */
  search(filter: ConversationFilter): Promise<ConversationPage>;
  close(): void;
}

/** The result of a search that ended before it had searched any message. */
export function nothingSearched(): ConversationPage {
  return {
    conversations: [],
    total: 0,
    newer: undefined,
    nextCursor: undefined,
    previousCursor: undefined,
    searched: { messages: 0, isComplete: false, matches: 0, wordsLeftOut: 0 },
  };
}

/** Searches a database in memory, which no other process can read. */
export class InProcessSearcher implements Searcher {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  async search(filter: ConversationFilter): Promise<ConversationPage> {
    // Loaded here, because a server with a file searches in another process.
    const { searchConversations } = await import("./search.ts");
    const end = performance.now() + SEARCH_TIME_MS;
    let answer = nothingSearched();
    for (const next of searchConversations(this.#db, filter)) {
      answer = next;
      if (performance.now() > end) break;
    }
    return answer;
  }

  close(): void {}
}
