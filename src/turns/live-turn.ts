import type { ChatEvent, FinalEvent } from "../conversation/events.ts";
import { TokenLog } from "./token-log.ts";
import type { AbortReason, EventBatch, Progress, ReadOptions, Turn, TurnReader } from "./turn.ts";

/** A value of `#drafted`: the stored draft is wrong, even if there is no token yet. */
const STALE_DRAFT = -1;

interface LiveTurnOptions {
  readonly id: string;
  readonly sessionId: string;
  readonly conversationId: string;
  /** How long the answer goes on when nobody reads it, in milliseconds. */
  readonly abandonedGraceMs: number;
}

/**
 * A turn of this process. Its events are the head (the start event), then the tokens that the generator
 * appends, and then the last event.
 */
export class LiveTurn implements Turn {
  readonly id: string;
  readonly sessionId: string;
  readonly conversationId: string;
  readonly #abandonedGraceMs: number;
  readonly #head: readonly ChatEvent[];
  /** The number of the event before the head. */
  #beforeHead = 0;
  #said = new TokenLog();
  readonly #readers = new Set<LiveReader>();
  readonly #abort = new AbortController();
  #abandonTimer: Timer | undefined;
  #abortReason: AbortReason | undefined;
  #end: FinalEvent | undefined;
  #drafted = 0;
  /** Milliseconds of the monotonic clock. */
  #draftedAt = performance.now();

  constructor({ id, sessionId, conversationId, abandonedGraceMs }: LiveTurnOptions) {
    this.id = id;
    this.sessionId = sessionId;
    this.conversationId = conversationId;
    this.#abandonedGraceMs = abandonedGraceMs;
    this.#head = [{ type: "start", conversationId, turnId: id }];
    this.#abandonWhenUnread();
  }

  /** Aborted when the answer should end early. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** Why the answer was aborted; undefined if it was not. The first reason counts. */
  get abortReason(): AbortReason | undefined {
    return this.#abortReason;
  }

  get hasEnded(): boolean {
    return this.#end !== undefined;
  }

  /** The number of the newest event. */
  get lastEventNumber(): number {
    return this.#beforeHead + this.#head.length + this.#said.count + (this.hasEnded ? 1 : 0);
  }

  text(): string {
    return this.#said.text().trim();
  }

  progressAfter(number: number): Progress {
    const last = this.lastEventNumber;
    if (number > last) return "beyond the end";
    return this.hasEnded && number === last ? "nothing more" : "more";
  }

  /**
   * The text so far, if it must be saved now: the answer is under way, has new text, and its last draft was
   * taken before the given time of the monotonic clock.
   */
  takeDraft(lastBefore: number): string | undefined {
    if (this.hasEnded || this.#drafted === this.#said.count) return undefined;
    if (this.#draftedAt >= lastBefore) return undefined;
    const isStale = this.#drafted === STALE_DRAFT;
    this.#draftedAt = performance.now();
    this.#drafted = this.#said.count;
    const text = this.text();
    return text === "" && !isStale ? undefined : text;
  }

  append(token: string): void {
    this.#said.append(token);
  }

  /**
   * Begins the answer again: the tokens so far were not part of it. Readers get the head again, with the next
   * numbers. Later readers never see the events before it.
   */
  restart(): void {
    if (this.#said.count === 0) return;
    this.#beforeHead = this.lastEventNumber;
    this.#said = new TokenLog();
    // The stored draft is wrong now and must be replaced, even by an empty text.
    this.#drafted = STALE_DRAFT;
  }

  /** Notifies the readers of appended tokens. Called once for each network chunk, not for each token. */
  publish(): void {
    for (const reader of this.#readers) reader.notify();
  }

  end(event: FinalEvent): void {
    this.#end = event;
    clearTimeout(this.#abandonTimer);
    this.publish();
  }

  abort(reason: AbortReason): void {
    if (this.hasEnded || this.#abortReason !== undefined) return;
    this.#abortReason = reason;
    this.#abort.abort();
  }

  read(after: number, { onEvents, signal }: ReadOptions): TurnReader {
    clearTimeout(this.#abandonTimer);
    const reader = new LiveReader(this, after, onEvents);
    this.#readers.add(reader);
    if (signal?.aborted) reader.close();
    signal?.addEventListener("abort", () => reader.cut(), { once: true });
    return reader;
  }

  /** Removes a reader that has closed. */
  leave(reader: LiveReader): void {
    this.#readers.delete(reader);
    if (this.#readers.size === 0) this.#abandonWhenUnread();
  }

  /** The events so far after the given number. */
  eventsAfter(number: number): EventBatch {
    const after = Math.max(number, this.#beforeHead);
    const place = after - this.#beforeHead;
    const events = this.#head.slice(place);
    for (const token of this.#said.after(Math.max(0, place - this.#head.length))) {
      events.push({ type: "token", token });
    }
    if (this.#end !== undefined && after < this.lastEventNumber) events.push(this.#end);
    return { after, events };
  }

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

class LiveReader implements TurnReader {
  readonly #turn: LiveTurn;
  readonly #onEvents: () => void;
  #after: number;
  #isClosed = false;

  constructor(turn: LiveTurn, after: number, onEvents: () => void) {
    this.#turn = turn;
    this.#after = after;
    this.#onEvents = onEvents;
  }

  get isDone(): boolean {
    return this.#isClosed || this.#turn.progressAfter(this.#after) === "nothing more";
  }

  take(): EventBatch {
    if (this.#isClosed) return { after: this.#after, events: [] };
    const batch = this.#turn.eventsAfter(this.#after);
    this.#after = batch.after + batch.events.length;
    return batch;
  }

  notify(): void {
    this.#onEvents();
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#turn.leave(this);
  }

  /** Closes the reader and notifies its owner, who did not close it. */
  cut(): void {
    if (this.#isClosed) return;
    this.close();
    this.#onEvents();
  }
}
