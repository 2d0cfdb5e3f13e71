import type { ChatEvent, FinalEvent } from "../conversation/events.ts";

/** Why an answer is ended before the model ended it. */
export type AbortReason = "stopped" | "abandoned" | "draining" | "timeout" | "too_long";

/** Events in their order; the first has the number `after` + 1. */
export interface EventBatch {
  readonly after: number;
  readonly events: readonly ChatEvent[];
}

/** What there is for a reader who has the events up to a number. */
export type Progress =
  /** Events, now or later. */
  | "more"
  /** The turn has ended, and the reader has its last event. */
  | "nothing more"
  /** No event of the turn has reached that number. */
  | "beyond the end";

/**
 * One question and its answer, apart from the sockets that read it. Its events are numbered from 1. Any
 * number of readers follow at their own pace, from any number on. So the asker, a reconnecting reader,
 * a second reader and the stop call are one mechanism.
 */
export interface Turn {
  readonly id: string;
  readonly sessionId: string;
  readonly conversationId: string;

  /** What was said so far. */
  text(): string;
  /** What a reader can expect who has the events up to the given number. */
  progressAfter(number: number): Progress;
  /** Follows the turn from the event after the given number. Closes itself when the signal aborts. */
  read(after: number, options: ReadOptions): TurnReader;
  /** Ends the answer early. An answer that has ended is left as it is. */
  abort(reason: AbortReason): void;
  /** The last event, once there is one; undefined when the signal aborted before. */
  conclusion(signal?: AbortSignal): Promise<FinalEvent | undefined>;
}

export interface ReadOptions {
  /** Called when there is something to take, and when the signal has closed the reader. */
  readonly onEvents: () => void;
  readonly signal?: AbortSignal | undefined;
}

/** One reader's place in a turn. It is called when there are events, and takes them when it can. */
export interface TurnReader {
  /** True when there is nothing more to come: after the last event, and once it is closed. */
  readonly isDone: boolean;
  /** What was published since the last time; nothing when that is nothing. */
  take(): EventBatch;
  /** Leaves the turn. Whoever has taken the last event calls it, too. */
  close(): void;
}
