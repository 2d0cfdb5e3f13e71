import type { FinalEvent } from "../conversation/events.ts";
import { type Message, type Outcome, TURN_ERRORS } from "../conversation/records.ts";
import { shownGrounding } from "../conversation/shown-sources.ts";
import { AppError } from "../errors.ts";

/** The last event of an answer that has just ended or comes from the database. */
export function finalEvent(conversationId: string, answer: Outcome | Message): FinalEvent {
  if (answer.status !== "complete" && answer.status !== "stopped") {
    return errorEvent(answer.errorCode);
  }
  return {
    type: "done",
    message: answer.content,
    conversationId,
    ...(answer.usage === undefined ? {} : { usage: answer.usage }),
    finishReason: answer.finishReason ?? "stop",
    ...shownGrounding(answer),
  };
}

export function errorEvent(errorCode: string | undefined): FinalEvent {
  const { code, message } = answerError(errorCode);
  return { type: "error", error: message, code };
}

/** The error that a client gets for an answer that failed or was interrupted. */
export function answerError(code: string | undefined): AppError {
  return new AppError(TURN_ERRORS.find((each) => each === code) ?? "interrupted");
}
