import type { FinalEvent } from "../conversation/events.ts";
import { AppError, type ErrorCode } from "../errors.ts";
import type { Message } from "../store/store.ts";

/** What of an answer, just ended or out of the database, its last event is made of. */
type Ending = Pick<Message, "content" | "status"> & {
  readonly [K in "finishReason" | "errorCode" | "usage"]?: Message[K] | undefined;
};

/** The last event of an answer. */
export function finalEvent(conversationId: string, answer: Ending): FinalEvent {
  if (answer.status !== "complete" && answer.status !== "stopped") {
    return errorEvent(answer.errorCode);
  }
  return {
    type: "done",
    message: answer.content,
    conversationId,
    ...(answer.usage === undefined ? {} : { usage: answer.usage }),
    finishReason: answer.finishReason ?? "stop",
  };
}

export function errorEvent(errorCode: string | undefined): FinalEvent {
  const { code, message } = answerError(errorCode);
  return { type: "error", error: message, code };
}

/** Why an answer can fail to come, or to come to its end. */
export const TURN_ERRORS = [
  "model_error",
  "model_busy",
  "model_timeout",
  "interrupted",
  "draining",
  "internal_error",
] as const satisfies readonly ErrorCode[];

export type TurnError = (typeof TURN_ERRORS)[number];

/** The error that a client gets for an answer that did not come. */
export function answerError(code: string | undefined): AppError {
  return new AppError(TURN_ERRORS.find((each) => each === code) ?? "interrupted");
}
