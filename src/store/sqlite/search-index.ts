import { takeRows } from "../bounded-rows.ts";
import { searchText } from "../search-words.ts";
import type { GroupCommit } from "./group-commit.ts";
import type { ContentRow, Queries } from "./queries.ts";

/**
 * How long a message waits before it is indexed. One message in its own transaction costs four times as much
 * as one among a hundred, and visitors would wait for that.
 */
const DELAY_MS = 500;
/**
 * Bounds the time that indexing blocks the event loop: about 15 µs for a short message, and 1 ms for 4,000
 * characters that are each a word.
 */
const BATCH = { limit: 100, characters: 16_000 };
/** The pause between two full batches, in which other work is done. */
const PAUSE_MS = 5;
/** A search first waits for this many batches of the newest messages. Older ones are indexed in their turn. */
const MAX_BATCHES_OF_A_SEARCH = 3;

/**
 * Maintains the full-text index of the messages. The transaction that stores a message also enters it in the
 * table `unindexed`. Some time after the message has its final text, it is indexed together with others. A
 * crash in between loses nothing.
 *
 * After an update that indexes in another way, the table `unsearchable` has the id up to which no message is
 * in the index. These are indexed in small steps, the newest first, while the server runs.
 */
export class SearchIndex {
  readonly #queries: Queries;
  readonly #writes: GroupCommit;
  #timer: Timer | undefined;
  #isClosed = false;

  constructor(queries: Queries, writes: GroupCommit) {
    this.#queries = queries;
    this.#writes = writes;
    // The previous process may have left messages to index.
    this.#indexLater(DELAY_MS);
  }

  /** Enters a new message in `unindexed`. Call it inside the transaction that stores the message. */
  note(messageId: number): void {
    this.#queries.noteUnindexed.run(messageId);
    this.#indexLater(DELAY_MS);
  }

  /** Call it when a noted message has its final text. */
  messageEnded(): void {
    this.#indexLater(DELAY_MS);
  }

  /** Removes a message from the index. Call it inside the transaction that deletes the message. */
  remove({ id, content }: ContentRow): void {
    const isNoted = this.#queries.forgetUnindexed.run(id).changes > 0;
    if (!isNoted && id > this.#unsearchable) this.#queries.unindex.run(id, searchText(content));
  }

  /** Indexes the newest waiting messages, so that a search finds what was just written. */
  async catchUp(): Promise<void> {
    for (let batches = 0; batches < MAX_BATCHES_OF_A_SEARCH && this.#hasWaiting(); batches++) {
      await this.#indexBatch();
    }
    if (this.#unsearchable > 0) await this.rebuildStep();
  }

  /** Indexes some of the `unsearchable` messages. Resolves with true when none are left. */
  rebuildStep(): Promise<boolean> {
    return this.#writes.write(() => {
      const through = this.#unsearchable;
      if (through === 0) return true;
      const batch = takeRows(this.#queries.unsearchableMessages.iterate(through), BATCH);
      this.#put(batch);
      const oldest = batch.at(-1)?.id ?? 1;
      this.#queries.setUnsearchable.run(oldest - 1);
      return oldest === 1;
    });
  }

  /** How much of the index is built, from 0 to 1, estimated by the messages' ids. */
  get builtShare(): number {
    const newest = this.#queries.newestMessage.get()?.id ?? 0;
    return newest === 0 ? 1 : Math.max(0, 1 - this.#unsearchable / newest);
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
  }

  get #unsearchable(): number {
    return this.#queries.unsearchable.get()?.through ?? 0;
  }

  #hasWaiting(): boolean {
    return this.#queries.unindexedMessages.get(this.#unsearchable) !== null;
  }

  #indexLater(delayMs: number): void {
    if (this.#isClosed || this.#timer !== undefined) return;
    this.#timer = setTimeout(() => void this.#indexAndGoOn(), delayMs);
    this.#timer.unref();
  }

  async #indexAndGoOn(): Promise<void> {
    // After an error, such as a full disk, the messages are still in `unindexed` and are tried again.
    const isDone = await this.#indexBatch().then(
      () => true,
      () => false,
    );
    this.#timer = undefined;
    // There was more than one batch, or messages came while the timer was still set.
    if (!this.#isClosed && this.#hasWaiting()) this.#indexLater(isDone ? PAUSE_MS : DELAY_MS);
  }

  #indexBatch(): Promise<void> {
    return this.#writes.write(() => {
      this.#put(takeRows(this.#queries.unindexedMessages.iterate(this.#unsearchable), BATCH));
    });
  }

  /** @param batch newest first */
  #put(batch: readonly ContentRow[]): void {
    // In rising order: FTS5 flushes its buffer whenever the ids within a transaction do not rise.
    for (const { id, content } of batch.toReversed()) {
      this.#queries.index.run(id, searchText(content));
      this.#queries.forgetUnindexed.run(id);
    }
  }
}
