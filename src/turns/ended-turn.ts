import type { ChatEvent, FinalEvent } from "../conversation/events.ts";
import type { Message } from "../conversation/records.ts";
import { shownSources } from "../conversation/shown-sources.ts";
import type { StoredTurn } from "../store/turn-store.ts";
import { errorEvent, finalEvent, handoffBefore } from "./final-event.ts";
import { replacedQuestion, startEvent } from "./start-event.ts";
import {
  END_NUMBER,
  type EventBatch,
  type Progress,
  type ReadOptions,
  type Turn,
  type TurnReader,
} from "./turn.ts";

/**
 * A turn from the database. A reader who begins at the start gets the start event, the sources, the whole text as
 * one token, and the last event, before it a handoff where a person can be reached. A reader who already has events gets
 * only these.
 */
export class EndedTurn implements Turn {
  readonly id: string;
  readonly sessionId: string;
  readonly conversationId: string;
  readonly question: string | undefined;
  readonly #answer: Message;
  readonly #offersPerson: boolean;

  /** @param offersPerson whether a person can be reached */
  constructor(stored: StoredTurn, offersPerson = false) {
    const { turnId, sessionId, conversationId, answer } = stored;
    this.#offersPerson = offersPerson;
    this.id = turnId;
    this.sessionId = sessionId;
    this.conversationId = conversationId;
    this.question = replacedQuestion(stored.question);
    this.#answer = answer;
  }

  text(): string {
    return this.#answer.content;
  }

  progressAfter(number: number): Progress {
    if (number > END_NUMBER) return "beyond the end";
    return number === END_NUMBER ? "nothing more" : "more";
  }

  read(after: number, { signal }: ReadOptions): TurnReader {
    const reader = new EndedReader(this.eventsAfter(after));
    if (signal?.aborted) reader.close();
    return reader;
  }

  abort(): void {
    // The answer has already ended and is stored.
  }

  async conclusion(): Promise<FinalEvent> {
    return this.#end;
  }

  /**
   * The last event. `draining` asks a client to come again, but the shutdown that cut this answer off is over,
   * and asking again under the same key would bring the same answer for ever.
   */
  get #end(): FinalEvent {
    if (this.#answer.errorCode === "draining") return errorEvent("interrupted");
    return finalEvent(this.conversationId, this.#answer);
  }

  get #tail(): readonly ChatEvent[] {
    const end = this.#end;
    const handoff = this.#offersPerson ? handoffBefore(end) : undefined;
    return handoff === undefined ? [end] : [handoff, end];
  }

  /** All events for a reader who has those up to the given number. */
  eventsAfter(after: number): EventBatch {
    const tail = this.#tail;
    if (after > 0) {
      const beforeTail = END_NUMBER - tail.length;
      const events = tail.slice(Math.max(0, after - beforeTail));
      return { after: Math.max(after, beforeTail), events };
    }
    const { sources = [] } = this.#answer;
    const token = this.text();
    const events: ChatEvent[] = [startEvent(this)];
    if (sources.length > 0) events.push({ type: "sources", sources: shownSources(sources) });
    if (token !== "") events.push({ type: "token", token });
    return { after: 0, events: [...events, ...tail] };
  }
}

/** Returns all events in the first batch. */
class EndedReader implements TurnReader {
  readonly #batch: EventBatch;
  isDone: boolean;

  constructor(batch: EventBatch) {
    this.#batch = batch;
    this.isDone = batch.events.length === 0;
  }

  take(): EventBatch {
    const batch = this.isDone ? { after: this.#batch.after, events: [] } : this.#batch;
    this.isDone = true;
    return batch;
  }

  close(): void {
    this.isDone = true;
  }
}
