import type { Database } from "bun:sqlite";

import type { ConversationFilter, ConversationPage } from "../conversation-store.ts";
import { searchConversations } from "./search.ts";

/** A search ends after this time, with what it has found. */
export const SEARCH_TIME_MS = 1000;

/** Where searches run. */
export interface Searcher {
  /** @throws TooManySearchesError */
  search(filter: ConversationFilter): Promise<ConversationPage>;
  close(): void;
}

/** What a search says that was ended before it had looked at anything. */
export function nothingSearched(): ConversationPage {
  const searched = { messages: 0, isComplete: false, wordsLeftOut: 0 };
  return { conversations: [], total: 0, nextCursor: undefined, searched };
}

/** For a database in memory, which no other process can read. */
export class InProcessSearcher implements Searcher {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  async search(filter: ConversationFilter): Promise<ConversationPage> {
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
