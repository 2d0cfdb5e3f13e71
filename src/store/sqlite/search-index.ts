import { searchText } from "./full-text.ts";
import type { GroupCommit } from "./group-commit.ts";
import type { ContentRow, Queries } from "./queries.ts";

/**
 * How long a message may wait for its place in the index. A message with a transaction of its own costs
 * four times what it costs among a hundred; nobody pays that while visitors wait for answers.
 */
const DELAY_MS = 500;
/** What bounds the time that indexing keeps the event loop, at some 15 µs a message. */
const BATCH_SIZE = 100;
/** Between two full batches, so that what came in meanwhile is served. */
const PAUSE_MS = 5;

/**
 * Keeps the full-text index of the messages. A message is noted in the table `unindexed` in the
 * transaction that makes it, and indexed, together with others, some time after it has its final text;
 * a crash between forgets nothing.
 */
export class SearchIndex {
  readonly #queries: Queries;
  readonly #writes: GroupCommit;
  #timer: Timer | undefined;
  #isClosed = false;

  constructor(queries: Queries, writes: GroupCommit) {
    this.#queries = queries;
    this.#writes = writes;
    // What the process before this one left.
    this.#indexLater(DELAY_MS);
  }

  /** Notes a new message; to be called inside the transaction that stores it. */
  note(messageId: number): void {
    this.#queries.noteUnindexed.run(messageId);
    this.#indexLater(DELAY_MS);
  }

  /** To be called when a message that was noted has its final text. */
  messageEnded(): void {
    this.#indexLater(DELAY_MS);
  }

  /** Takes a message out; to be called inside the transaction that deletes it. */
  remove({ id, content }: ContentRow): void {
    const isIndexed = this.#queries.forgetUnindexed.run(id).changes === 0;
    if (isIndexed) this.#queries.unindex.run(id, searchText(content));
  }

  /** Indexes what waits, for a search that must find what was just said. */
  async catchUp(): Promise<void> {
    while (this.#queries.unindexedMessages.get(1) !== null) await this.#indexBatch();
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
  }

  #indexLater(delayMs: number): void {
    if (this.#isClosed || this.#timer !== undefined) return;
    this.#timer = setTimeout(() => void this.#indexAndGoOn(), delayMs);
    this.#timer.unref();
  }

  async #indexAndGoOn(): Promise<void> {
    // What an error (a full disk, say) kept out is still noted, and tried again.
    const indexed = await this.#indexBatch().catch(() => 0);
    this.#timer = undefined;
    if (this.#isClosed) return;
    if (indexed === BATCH_SIZE) this.#indexLater(PAUSE_MS);
    // Noted behind the batch, in the same group, when there was a timer still.
    else if (this.#queries.unindexedMessages.get(1) !== null) this.#indexLater(DELAY_MS);
  }

  #indexBatch(): Promise<number> {
    return this.#writes.write(() => {
      const messages = this.#queries.unindexedMessages.all(BATCH_SIZE);
      for (const { id, content } of messages) {
        this.#queries.index.run(id, searchText(content));
        this.#queries.forgetUnindexed.run(id);
      }
      return messages.length;
    });
  }
}
