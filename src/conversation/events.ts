import type { FinishReason, TokenUsage } from "./records.ts";

/** The answer begins. After tokens it begins again: those tokens were the model's thoughts. */
export interface StartEvent {
  readonly type: "start";
  readonly conversationId: string;
  readonly turnId: string;
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
}

/** The last event of a turn that failed. `code` is one of the public error codes. */
export interface ErrorEvent {
  readonly type: "error";
  readonly error: string;
  readonly code: string;
}

/** Everything a client can read from a turn, the same in every stream format (contract section 2). */
export type ChatEvent = StartEvent | TokenEvent | DoneEvent | ErrorEvent;
export type FinalEvent = DoneEvent | ErrorEvent;
