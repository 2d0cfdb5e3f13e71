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
  #draftedEvents = 0;
  /** Milliseconds of the monotonic clock. */
  #draftedAt = performance.now();

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

  /**
   * What was said so far, when the answer is under way and that is more than the last time, which has to
   * be before the given time of the monotonic clock.
   */
  takeDraft(lastBefore: number): string | undefined {
    if (this.#hasEnded || this.#draftedEvents === this.#events.length) return undefined;
    if (this.#draftedAt >= lastBefore) return undefined;
    this.#draftedAt = performance.now();
    this.#draftedEvents = this.#events.length;
    const text = this.text();
    return text === "" ? undefined : text;
  }

  append(event: ChatEvent): void {
    this.#events.push(event);
  }

  /** Lets the readers have what was appended: once a network chunk, not once a token. */
  publish(): void {
    for (const reader of this.#readers) reader.notify();
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
  read(after: number, { onEvents, signal }: ReadOptions): TurnReader {
    clearTimeout(this.#abandonTimer);
    const reader = new TurnReader(after, onEvents, {
      eventsAfter: (number) => this.#events.slice(Math.max(0, number - this.#eventsBefore)),
      isAtEnd: (number) => this.#hasEnded && number >= this.lastEventNumber,
      onClose: () => {
        this.#readers.delete(reader);
        if (this.#readers.size === 0) this.#abandonWhenUnread();
      },
    });
    this.#readers.add(reader);
    if (signal?.aborted) reader.close();
    signal?.addEventListener("abort", () => reader.cut(), { once: true });
    return reader;
  }

  /** The last event, once there is one; undefined when the signal aborted before. */
  async conclusion(signal?: AbortSignal): Promise<FinalEvent | undefined> {
    if (!this.#hasEnded) {
      await new Promise<void>((resolve) => {
        const onEvents = () => {
          if (this.#hasEnded || reader.isDone) resolve();
        };
        const reader = this.read(this.lastEventNumber, { onEvents, signal });
        if (signal?.aborted) resolve();
      });
    }
    const last = this.#events.at(-1);
    return this.#hasEnded && (last?.type === "done" || last?.type === "error") ? last : undefined;
  }

  #abandonWhenUnread(): void {
    if (this.#hasEnded) return;
    this.#abandonTimer = setTimeout(() => this.abort("abandoned"), this.#abandonedGraceMs);
  }
}

interface ReadOptions {
  /** Called when there is something to take, and when the signal has closed the reader. */
  readonly onEvents: () => void;
  readonly signal?: AbortSignal | undefined;
}

interface TurnView {
  readonly eventsAfter: (number: number) => readonly ChatEvent[];
  readonly isAtEnd: (number: number) => boolean;
  readonly onClose: () => void;
}

/** One reader's place in a turn. It is told that there are events and takes them when it can. */
export class TurnReader {
  readonly #turn: TurnView;
  readonly #onEvents: () => void;
  #after: number;
  #isClosed = false;

  constructor(after: number, onEvents: () => void, turn: TurnView) {
    this.#after = after;
    this.#onEvents = onEvents;
    this.#turn = turn;
  }

  /** True when there is nothing more to come: after the last event, and once it is closed. */
  get isDone(): boolean {
    return this.#isClosed || this.#turn.isAtEnd(this.#after);
  }

  /** What was published since the last time; nothing when that is nothing. */
  take(): EventBatch {
    const after = this.#after;
    const events = this.#isClosed ? [] : this.#turn.eventsAfter(after);
    this.#after += events.length;
    return { after, events };
  }

  notify(): void {
    this.#onEvents();
  }

  /** Leaves the turn; to be called by whoever has taken the last event, too. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#turn.onClose();
  }

  /** Closes it and says so: not its owner's doing. */
  cut(): void {
    if (this.#isClosed) return;
    this.close();
    this.#onEvents();
  }
}
