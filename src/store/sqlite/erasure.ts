import type { ExpiryStep } from "../store.ts";
import type { Queries } from "./queries.ts";
import type { SearchIndex } from "./search-index.ts";

/**
 * What bounds the time that a step keeps the event loop: in a database of 200,000 messages a message
 * takes 0.2 ms, nearly all of it to take its words out of the search index at the commit.
 */
const STEP_MESSAGES = 8;

/** Erases conversations from the tables and the search index; to be called inside a transaction. */
export class Erasure {
  readonly #queries: Queries;
  readonly #index: SearchIndex;

  constructor(queries: Queries, index: SearchIndex) {
    this.#queries = queries;
    this.#index = index;
  }

  /** Erases a conversation up to the size of a step, its newest messages first. */
  erase(conversationSeq: number): void {
    this.#eraseNewest(conversationSeq, STEP_MESSAGES);
  }

  /** Erases what was last active before the time, oldest first, up to the size of a step. */
  eraseExpired(before: number): ExpiryStep {
    let left = STEP_MESSAGES;
    let conversations = 0;
    while (left > 0) {
      const expired = this.#queries.expired.get(before);
      if (expired === null) return { conversations, isDone: true };
      const erased = this.#eraseNewest(expired.seq, left);
      if (erased === left) {
        // More of it, perhaps, goes with the next step. A visitor who comes back meanwhile begins anew.
        this.#queries.detachConversation.run(expired.seq);
        break;
      }
      conversations += 1;
      left -= erased + 1;
    }
    return { conversations, isDone: false };
  }

  /**
   * Newest first, since an answer refers to its question. Less than the limit means that the
   * conversation has gone with its messages.
   * @returns how many messages were erased
   */
  #eraseNewest(conversationSeq: number, limit: number): number {
    const messages = this.#queries.newestMessages.all(conversationSeq, limit);
    for (const message of messages) {
      this.#index.remove(message);
      this.#queries.deleteMessage.run(message.id);
    }
    if (messages.length < limit) this.#queries.deleteConversation.run(conversationSeq);
    return messages.length;
  }
}
