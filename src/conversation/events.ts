import type { FinishReason, Grounding, TokenUsage } from "./records.ts";

/** The answer begins. After tokens it begins again: those tokens were the model's thoughts. */
export interface StartEvent {
  readonly type: "start";
  readonly conversationId: string;
  readonly turnId: string;
  /** The question as it is stored, where something in it was replaced. Missing: as it was asked. */
  readonly question?: string;
}

/** A passage of the owner's pages that the answer may name by its number: [1]. */
export interface ShownSource {
  readonly number: number;
  readonly title: string;
  /** The headings above the passage, joined by " › ". */
  readonly heading?: string;
  /** Where visitors can read it. Notes and files have none. */
  readonly url?: string;
}

/** What the answer may stand on. Comes after the start, before the first token, and only when there are any. */
export interface SourcesEvent {
  readonly type: "sources";
  readonly sources: readonly ShownSource[];
}

export interface TokenEvent {
  readonly type: "token";
  readonly token: string;
}

/** The last event of an answer. `message` is what is stored: the tokens since the last start, joined and trimmed. */
export interface DoneEvent {
  readonly type: "done";
  readonly message: string;
  readonly conversationId: string;
  readonly usage?: TokenUsage;
  readonly finishReason: FinishReason;
  /** The sources that the answer names. Missing when it was given none. */
  readonly sources?: readonly ShownSource[];
  readonly grounding?: Grounding;
}

/** The last event of a turn that failed. `code` is one of the public error codes. */
export interface ErrorEvent {
  readonly type: "error";
  readonly error: string;
  readonly code: string;
}

export const HANDOFF_REASONS = ["unknown", "failed"] as const;

/**
 * The answer was a poor one, and a person can be reached. `unknown`: the sources do not hold it, as the model says. Comes
 * right before the last event.
 */
export interface HandoffEvent {
  readonly type: "handoff";
  readonly reason: (typeof HANDOFF_REASONS)[number];
}

/** Everything a client can read from a turn, the same in every stream format (contract section 2). */
export type ChatEvent =
  StartEvent | SourcesEvent | TokenEvent | HandoffEvent | DoneEvent | ErrorEvent;
export type FinalEvent = DoneEvent | ErrorEvent;
