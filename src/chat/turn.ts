import type { ChatEvent, FinalEvent } from "./events.ts";

/** Why an answer is ended before the model ended it. */
export type AbortReason = "stopped" | "abandoned" | "draining" | "timeout" | "too_long";

/** Events in their order; the first has the number `after` + 1. */
export interface EventBatch {
  readonly after: number;
  readonly events: readonly ChatEvent[];
}

interface TurnOptions {
  readonly id: string;
  readonly sessionId: string;
  readonly conversationId: string;
  /** How long the answer goes on when nobody reads it, in milliseconds. */
  readonly abandonedGraceMs: number;
  /** How many events came before the first that is kept; 0 for a turn that begins now. */
  readonly eventsBefore?: number;
}

/**
 * One question and its answer, apart from the sockets that read it. The generator appends numbered
 * events; any number of readers follow at their own pace, from any number on. So the asker, a
 * reconnecting reader, a second reader and the stop call are one mechanism.
 */
export class Turn {
  readonly id: string;
  readonly sessionId: string;
  readonly conversationId: string;
  readonly #abandonedGraceMs: number;
  readonly #eventsBefore: number;
  readonly #events: ChatEvent[] = [];
  readonly #readers = new Set<TurnReader>();
  readonly #abort = new AbortController();
  #abandonTimer: Timer | undefined;
  #abortReason: AbortReason | undefined;
  #hasEnded = false;

  constructor(options: TurnOptions) {
    this.id = options.id;
    this.sessionId = options.sessionId;
    this.conversationId = options.conversationId;
    this.#abandonedGraceMs = options.abandonedGraceMs;
    this.#eventsBefore = options.eventsBefore ?? 0;
    this.#abandonWhenUnread();
  }

  /** Aborted when the answer should end early. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** Why the answer is being ended early; undefined while it is not. */
  get abortReason(): AbortReason | undefined {
    return this.#abortReason;
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** The number of the newest event; 0 before the first. */
  get lastEventNumber(): number {
    return this.#eventsBefore + this.#events.length;
  }

  /** What was said so far. */
  text(): string {
    const tokens = this.#events.map((event) => (event.type === "token" ? event.token : ""));
    return tokens.join("").trim();
  }

  append(event: ChatEvent): void {
    this.#events.push(event);
  }

  /** Lets the readers have what was appended: once a network chunk, not once a token. */
  publish(): void {
    for (const reader of this.#readers) reader.wake();
  }

  end(event: FinalEvent): void {
    this.append(event);
    this.#hasEnded = true;
    clearTimeout(this.#abandonTimer);
    this.publish();
  }

  /** Ends the answer early. The first reason stays; an answer that has ended is left as it is. */
  abort(reason: AbortReason): void {
    if (this.#hasEnded || this.#abortReason !== undefined) return;
    this.#abortReason = reason;
    this.#abort.abort();
  }

  /** Follows the turn from the event after the given number. Closes itself when the signal aborts. */
  read(after: number, signal?: AbortSignal): TurnReader {
    clearTimeout(this.#abandonTimer);
    const reader = new TurnReader(after, {
      eventsAfter: (number) => this.#events.slice(Math.max(0, number - this.#eventsBefore)),
      hasEnded: () => this.#hasEnded,
      onClose: () => {
        this.#readers.delete(reader);
        if (this.#readers.size === 0) this.#abandonWhenUnread();
      },
    });
    this.#readers.add(reader);
    if (signal?.aborted) reader.close();
    else signal?.addEventListener("abort", () => reader.close(), { once: true });
    return reader;
  }

  /** The last event, once there is one; undefined when the signal aborted before. */
  async conclusion(signal?: AbortSignal): Promise<FinalEvent | undefined> {
    const reader = this.read(this.lastEventNumber, signal);
    for await (const _batch of reader) {
      // Only the end is of interest.
    }
    const last = this.#events.at(-1);
    return this.#hasEnded && (last?.type === "done" || last?.type === "error") ? last : undefined;
  }

  #abandonWhenUnread(): void {
    if (this.#hasEnded) return;
    this.#abandonTimer = setTimeout(() => this.abort("abandoned"), this.#abandonedGraceMs);
  }
}

interface TurnView {
  readonly eventsAfter: (number: number) => readonly ChatEvent[];
  readonly hasEnded: () => boolean;
  readonly onClose: () => void;
}

/** One reader's place in a turn: an iterator over batches of what was published since the last. */
export class TurnReader implements AsyncIterableIterator<EventBatch> {
  readonly #turn: TurnView;
  #after: number;
  #wake: (() => void) | undefined;
  #isClosed = false;
  #isNudged = false;

  constructor(after: number, turn: TurnView) {
    this.#after = after;
    this.#turn = turn;
  }

  /** Resolves with the next events, or with none when nudged; done after the last event. */
  async next(): Promise<IteratorResult<EventBatch, undefined>> {
    for (;;) {
      if (this.#isClosed) return { done: true, value: undefined };
      const after = this.#after;
      const events = this.#turn.eventsAfter(after);
      if (events.length > 0 || this.#isNudged) {
        this.#isNudged = false;
        this.#after += events.length;
        return { done: false, value: { after, events } };
      }
      if (this.#turn.hasEnded()) {
        this.close();
        continue;
      }
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  async return(): Promise<IteratorResult<EventBatch, undefined>> {
    this.close();
    return { done: true, value: undefined };
  }

  wake(): void {
    this.#wake?.();
    this.#wake = undefined;
  }

  /** Makes a waiting next() resolve with an empty batch, for a heartbeat. */
  nudge(): void {
    this.#isNudged = true;
    this.wake();
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.wake();
    this.#turn.onClose();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
