import type { ExpiryStep } from "../store.ts";
import type { Queries } from "./queries.ts";
import type { SearchIndex } from "./search-index.ts";

/**
 * Bounds the time that a step blocks the event loop. In a database of 200,000 messages, one message takes
 * 0.2 ms, nearly all of it for removing its words from the search index at the commit.
 */
const STEP_MESSAGES = 8;

/** Erases conversations from the tables and the search index. Call its methods inside a transaction. */
export class Erasure {
  readonly #queries: Queries;
  readonly #index: SearchIndex;

  constructor(queries: Queries, index: SearchIndex) {
    this.#queries = queries;
    this.#index = index;
  }

  /** Erases at most one step's messages of a conversation, the newest first. */
  erase(conversationSeq: number): void {
    this.#eraseNewest(conversationSeq, STEP_MESSAGES);
  }

  /** Erases at most one step's messages of conversations last active before the time, the oldest first. */
  eraseExpired(before: number): ExpiryStep {
    let left = STEP_MESSAGES;
    let conversations = 0;
    while (left > 0) {
      const expired = this.#queries.expired.get(before);
      if (expired === null) return { conversations, isDone: true };
      const erased = this.#eraseNewest(expired.seq, left);
      if (erased === left) {
        // The next step may have to erase more of it. A visitor who comes back meanwhile gets a new conversation.
        this.#queries.detachConversation.run(expired.seq);
        break;
      }
      conversations += 1;
      left -= erased + 1;
    }
    return { conversations, isDone: false };
  }

  /**
   * The newest come first, because an answer refers to its question. When fewer messages than the limit were
   * left, the conversation is deleted, too.
   * @returns how many messages were erased
   */
  #eraseNewest(conversationSeq: number, limit: number): number {
    this.#queries.forbidRestoring.run(conversationSeq);
    const messages = this.#queries.newestMessages.all(conversationSeq, limit);
    for (const message of messages) {
      this.#index.remove(message);
      this.#queries.deleteMessage.run(message.id);
    }
    if (messages.length < limit) this.#queries.deleteConversation.run(conversationSeq);
    return messages.length;
  }
}
