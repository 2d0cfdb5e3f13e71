import type { ChatEvent, FinalEvent, HandoffEvent, ShownSource } from "../conversation/events.ts";
import { replacedQuestion, startEvent } from "./start-event.ts";
import { TokenLog } from "./token-log.ts";
import {
  type AbortReason,
  END_NUMBER,
  type EventBatch,
  type Progress,
  type ReadOptions,
  type Turn,
  type TurnReader,
} from "./turn.ts";

interface TurnIds {
  readonly id: string;
  readonly sessionId: string;
  readonly conversationId: string;
  /** As it is stored. Undefined: nobody is shown it. */
  readonly question?: string | undefined;
}

/**
 * A turn whose events are in memory. They are the head (the start event and the sources, if there are any), then
 * the tokens, perhaps a handoff, and then the last event.
 */
export abstract class NumberedTurn implements Turn {
  readonly id: string;
  readonly sessionId: string;
  readonly conversationId: string;
  readonly question: string | undefined;
  #head: readonly ChatEvent[] = [];
  #sources: readonly ChatEvent[] = [];
  /** The number of the event before the head. */
  #beforeHead = 0;
  #said = new TokenLog();
  readonly #readers = new Set<NumberedReader>();
  #end: FinalEvent | undefined;
  /** The last event, and the handoff before it if there is one. They come together. */
  #tail: readonly ChatEvent[] = [];

  constructor({ id, sessionId, conversationId, question }: TurnIds) {
    this.id = id;
    this.sessionId = sessionId;
    this.conversationId = conversationId;
    this.question = replacedQuestion(question);
  }

  abstract abort(reason: AbortReason): void;
  /** Called when somebody begins to read. */
  protected abstract onReader(): void;
  /** Called when the last reader has left. */
  protected abstract onUnread(): void;

  get hasEnded(): boolean {
    return this.#end !== undefined;
  }

  get hasReaders(): boolean {
    return this.#readers.size > 0;
  }

  /** How many tokens the head is followed by. */
  get tokenCount(): number {
    return this.#said.count;
  }

  /** The number of the newest event. */
  get lastEventNumber(): number {
    return this.#lastToken + this.#tail.length;
  }

  /** The number of the event before the tail. */
  get #lastToken(): number {
    return this.#beforeHead + this.#head.length + this.#said.count;
  }

  text(): string {
    return this.#said.text().trim();
  }

  progressAfter(number: number): Progress {
    if (this.hasEnded && number === END_NUMBER) return "nothing more";
    const last = this.lastEventNumber;
    if (number > last) return "beyond the end";
    return this.hasEnded && number === last ? "nothing more" : "more";
  }

  append(token: string): void {
    this.#said.append(token);
  }

  /** The head comes after the event with the given number. The events before it are never read again. */
  protected beginAfter(number: number): void {
    this.#head = [startEvent(this), ...this.#sources];
    this.#beforeHead = number;
    if (this.#said.count > 0) this.#said = new TokenLog();
  }

  /** The sources become the second event. Call it before the first token. */
  giveSources(sources: readonly ShownSource[]): void {
    this.#sources = [{ type: "sources", sources }];
    this.#head = [...this.#head.slice(0, 1), ...this.#sources];
  }

  /** Notifies the readers of appended tokens. Called once for each network chunk, not for each token. */
  publish(): void {
    for (const reader of this.#readers) reader.notify();
  }

  /** @param handoff comes before it */
  end(event: FinalEvent, handoff?: HandoffEvent): void {
    this.#end = event;
    this.#tail = handoff === undefined ? [event] : [handoff, event];
    this.publish();
  }

  read(after: number, { onEvents, signal }: ReadOptions): TurnReader {
    const reader = new NumberedReader(this, after, onEvents);
    this.#readers.add(reader);
    this.onReader();
    if (signal?.aborted) reader.close();
    signal?.addEventListener("abort", () => reader.cut(), { once: true });
    return reader;
  }

  /** Closes all readers, although the turn has not ended. They can read on elsewhere. */
  cutReaders(): void {
    for (const reader of this.#readers) reader.cut();
  }

  /** Removes a reader that has closed. */
  leave(reader: NumberedReader): void {
    this.#readers.delete(reader);
    if (this.#readers.size === 0) this.onUnread();
  }

  /** The events so far after the given number. */
  eventsAfter(number: number): EventBatch {
    const after = Math.max(number, this.#beforeHead);
    const place = after - this.#beforeHead;
    const events = this.#head.slice(place);
    for (const token of this.#said.after(Math.max(0, place - this.#head.length))) {
      events.push({ type: "token", token });
    }
    events.push(...this.#tail.slice(Math.max(0, after - this.#lastToken)));
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
}

class NumberedReader implements TurnReader {
  readonly #turn: NumberedTurn;
  readonly #onEvents: () => void;
  #after: number;
  #isClosed = false;

  constructor(turn: NumberedTurn, after: number, onEvents: () => void) {
    this.#turn = turn;
    this.#after = after;
    this.#onEvents = onEvents;
  }

  get isDone(): boolean {
    if (this.#isClosed) return true;
    return this.#turn.hasEnded && this.#turn.progressAfter(this.#after) !== "more";
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
