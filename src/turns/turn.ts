import type { ChatEvent, FinalEvent } from "../conversation/events.ts";

/**
 * Why an answer was ended before the model had finished. `fenced`: other replicas have given this one up. `off`: the owner
 * has switched the model off.
 */
export type AbortReason =
  "stopped" | "abandoned" | "draining" | "fenced" | "off" | "timeout" | "too_long";

/**
 * The number of the last event of a turn that was read from the database, for a reader who already has earlier
 * events. The store does not keep how many events there were, so a reader who got the last event with another
 * number gets it again. This number is fixed, and it is the highest that a request can name (chat/schema.ts): a
 * reader who names it has every event.
 */
export const END_NUMBER = 999_999_999;

/** Events in order. The first one has the number `after` + 1. */
export interface EventBatch {
  readonly after: number;
  readonly events: readonly ChatEvent[];
}

/** What a reader can expect who has the events up to a number. */
export type Progress =
  /** More events, now or later. */
  | "more"
  /** The turn has ended, and the reader has its last event. */
  | "nothing more"
  /** The turn has not reached that number. */
  | "beyond the end";

/**
 * One question and its answer, independent of the sockets that read it. Its events are numbered from 1. Any
 * number of readers can follow it, each at its own pace and from any event on. So one mechanism serves the
 * visitor who asked, a reader who reconnects, a second reader, and the stop call.
 */
export interface Turn {
  readonly id: string;
  readonly sessionId: string;
  readonly conversationId: string;
  /** The question as it is stored, where something in it was replaced. Undefined: as it was asked. */
  readonly question: string | undefined;

  /** The answer's text so far. */
  text(): string;
  /** What comes next for a reader who has the events up to the given number. */
  progressAfter(number: number): Progress;
  /** Follows the turn from the event after the given number. The reader is closed when the signal aborts. */
  read(after: number, options: ReadOptions): TurnReader;
  /** Ends the answer early. Does nothing when the answer has ended. */
  abort(reason: AbortReason): void;
  /** Resolves with the last event, once there is one; with undefined when the signal aborts before that. */
  conclusion(signal?: AbortSignal): Promise<FinalEvent | undefined>;
}

export interface ReadOptions {
  /** Called when there is something to take, and when the signal has closed the reader. */
  readonly onEvents: () => void;
  readonly signal?: AbortSignal | undefined;
}

/** One reader's place among events that are published. It is notified of them and takes them when it is ready. */
export interface EventReader<Batch> {
  /** True when no more events will come: after the last event, and when the reader is closed. */
  readonly isDone: boolean;
  /** The events that were published since the last call; an empty batch when there are none. */
  take(): Batch;
  /** Stops reading. Also call it after the last event. */
  close(): void;
}

/** One reader's place in a turn. */
export type TurnReader = EventReader<EventBatch>;
