import { takeRows } from "../bounded-rows.ts";
import { searchText } from "../search-words.ts";
import type { GroupCommit } from "./group-commit.ts";
import type { ContentRow, Queries } from "./queries.ts";

/**
 * How long a message may wait for its place in the index. A message with a transaction of its own costs
 * four times what it costs among a hundred; nobody pays that while visitors wait for answers.
 */
const DELAY_MS = 500;
/**
 * What bounds the time that indexing keeps the event loop, at some 15 µs a short message and 1 ms for
 * 4,000 characters that are words of their own.
 */
const BATCH = { limit: 100, characters: 16_000 };
/** Between two full batches, so that what came in meanwhile is served. */
const PAUSE_MS = 5;
/** A search waits for so many batches of what was just said; what is older follows by itself. */
const MAX_BATCHES_OF_A_SEARCH = 3;

/**
 * Keeps the full-text index of the messages. A message is noted in the table `unindexed` in the
 * transaction that makes it, and indexed, together with others, some time after it has its final text;
 * a crash between forgets nothing.
 *
 * After an update that indexes in another way, the table `unsearchable` says up to which message none is
 * in the index. They are put there in small steps, the newest first, while the server runs.
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
    const isNoted = this.#queries.forgetUnindexed.run(id).changes > 0;
    if (!isNoted && id > this.#unsearchable) this.#queries.unindex.run(id, searchText(content));
  }

  /** Indexes the newest of what waits, for a search that must find what was just said. */
  async catchUp(): Promise<void> {
    for (let batches = 0; batches < MAX_BATCHES_OF_A_SEARCH && this.#hasWaiting(); batches++) {
      await this.#indexBatch();
    }
    if (this.#unsearchable > 0) await this.rebuildStep();
  }

  /** Indexes some of what an earlier version had indexed; true when there is no more of it. */
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

  /** How much of the index is built, from 0 to 1, by the numbers of the messages. */
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
    // What an error (a full disk, say) kept out is still noted, and tried again.
    const isDone = await this.#indexBatch().then(
      () => true,
      () => false,
    );
    this.#timer = undefined;
    // More than a batch, or noted behind it, in the same group, when there was a timer still.
    if (!this.#isClosed && this.#hasWaiting()) this.#indexLater(isDone ? PAUSE_MS : DELAY_MS);
  }

  #indexBatch(): Promise<void> {
    return this.#writes.write(() => {
      this.#put(takeRows(this.#queries.unindexedMessages.iterate(this.#unsearchable), BATCH));
    });
  }

  /** @param batch newest first */
  #put(batch: readonly ContentRow[]): void {
    // FTS5 writes out what it has collected where the numbers of a transaction do not rise.
    for (const { id, content } of batch.toReversed()) {
      this.#queries.index.run(id, searchText(content));
      this.#queries.forgetUnindexed.run(id);
    }
  }
}
