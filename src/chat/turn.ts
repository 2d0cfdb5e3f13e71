import type { ChatEvent, FinalEvent } from "./events.ts";
import { TokenLog } from "./token-log.ts";

/** Why an answer is ended before the model ended it. */
export type AbortReason = "stopped" | "abandoned" | "draining" | "timeout" | "too_long";

/** Events in their order; the first has the number `after` + 1. */
export interface EventBatch {
  readonly after: number;
  readonly events: readonly ChatEvent[];
}

/** The number of the event that every turn begins with. */
const START = 1;

interface TurnOptions {
  readonly id: string;
  readonly sessionId: string;
  readonly conversationId: string;
  /** How long the answer goes on when nobody reads it, in milliseconds. */
  readonly abandonedGraceMs: number;
  /** Of a turn that is told by its end only: the number of the event before it. */
  readonly eventsBefore?: number;
}

/**
 * One question and its answer, apart from the sockets that read it. Its events are numbered: the start
 * is 1, then come the tokens that the generator appends, then how it ended. Any number of readers follow
 * at their own pace, from any number on. So the asker, a reconnecting reader, a second reader and the
 * stop call are one mechanism.
 */
export class Turn {
  readonly id: string;
  readonly sessionId: string;
  readonly conversationId: string;
  readonly #abandonedGraceMs: number;
  /** The number of the event before the first token. */
  readonly #beforeTokens: number;
  readonly #said = new TokenLog();
  readonly #readers = new Set<TurnReader>();
  readonly #abort = new AbortController();
  #abandonTimer: Timer | undefined;
  #abortReason: AbortReason | undefined;
  #end: FinalEvent | undefined;
  #drafted = 0;
  /** Milliseconds of the monotonic clock. */
  #draftedAt = performance.now();

  constructor(options: TurnOptions) {
    this.id = options.id;
    this.sessionId = options.sessionId;
    this.conversationId = options.conversationId;
    this.#abandonedGraceMs = options.abandonedGraceMs;
    this.#beforeTokens = Math.max(START, options.eventsBefore ?? 0);
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
    return this.#end !== undefined;
  }

  /** The number of the newest event. */
  get lastEventNumber(): number {
    return this.#beforeTokens + this.#said.count + (this.hasEnded ? 1 : 0);
  }

  /** What was said so far. */
  text(): string {
    return this.#said.text().trim();
  }

  /**
   * What was said so far, when the answer is under way and that is more than the last time, which has to
   * be before the given time of the monotonic clock.
   */
  takeDraft(lastBefore: number): string | undefined {
    if (this.hasEnded || this.#drafted === this.#said.count) return undefined;
    if (this.#draftedAt >= lastBefore) return undefined;
    this.#draftedAt = performance.now();
    this.#drafted = this.#said.count;
    const text = this.text();
    return text === "" ? undefined : text;
  }

  append(token: string): void {
    this.#said.append(token);
  }

  /** Lets the readers have what was appended: once a network chunk, not once a token. */
  publish(): void {
    for (const reader of this.#readers) reader.notify();
  }

  end(event: FinalEvent): void {
    this.#end = event;
    clearTimeout(this.#abandonTimer);
    this.publish();
  }

  /** Ends the answer early. The first reason stays; an answer that has ended is left as it is. */
  abort(reason: AbortReason): void {
    if (this.hasEnded || this.#abortReason !== undefined) return;
    this.#abortReason = reason;
    this.#abort.abort();
  }

  /** Follows the turn from the event after the given number. Closes itself when the signal aborts. */
  read(after: number, { onEvents, signal }: ReadOptions): TurnReader {
    clearTimeout(this.#abandonTimer);
    // The events between are told no more; see eventsBefore.
    const place = after < START ? after : Math.max(after, this.#beforeTokens);
    const reader = new TurnReader(this, place, onEvents);
    this.#readers.add(reader);
    if (signal?.aborted) reader.close();
    signal?.addEventListener("abort", () => reader.cut(), { once: true });
    return reader;
  }

  /** For a reader that closes: it is told nothing more. */
  leave(reader: TurnReader): void {
    this.#readers.delete(reader);
    if (this.#readers.size === 0) this.#abandonWhenUnread();
  }

  /** What comes after the event with the given number, so far. */
  eventsAfter(number: number): ChatEvent[] {
    const events: ChatEvent[] = [];
    const { id: turnId, conversationId } = this;
    if (number < START) events.push({ type: "start", conversationId, turnId });
    for (const token of this.#said.after(Math.max(0, number - this.#beforeTokens))) {
      events.push({ type: "token", token });
    }
    if (this.#end !== undefined && number < this.lastEventNumber) events.push(this.#end);
    return events;
  }

  /** The last event, once there is one; undefined when the signal aborted before. */
  async conclusion(signal?: AbortSignal): Promise<FinalEvent | undefined> {
    if (!this.hasEnded) {
      await new Promise<void>((resolve) => {
        const onEvents = () => {
          if (this.hasEnded || reader.isDone) resolve();
        };
        const reader = this.read(this.lastEventNumber, { onEvents, signal });
        if (signal?.aborted) resolve();
      });
    }
    return this.#end;
  }

  #abandonWhenUnread(): void {
    if (this.hasEnded) return;
    this.#abandonTimer = setTimeout(() => this.abort("abandoned"), this.#abandonedGraceMs);
  }
}

interface ReadOptions {
  /** Called when there is something to take, and when the signal has closed the reader. */
  readonly onEvents: () => void;
  readonly signal?: AbortSignal | undefined;
}

/** One reader's place in a turn. It is told that there are events and takes them when it can. */
export class TurnReader {
  readonly #turn: Turn;
  readonly #onEvents: () => void;
  #after: number;
  #isClosed = false;

  constructor(turn: Turn, after: number, onEvents: () => void) {
    this.#turn = turn;
    this.#after = after;
    this.#onEvents = onEvents;
  }

  /** True when there is nothing more to come: after the last event, and once it is closed. */
  get isDone(): boolean {
    if (this.#isClosed) return true;
    return this.#turn.hasEnded && this.#after >= this.#turn.lastEventNumber;
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
    this.#turn.leave(this);
  }

  /** Closes it and says so: not its owner's doing. */
  cut(): void {
    if (this.#isClosed) return;
    this.close();
    this.#onEvents();
  }
}
