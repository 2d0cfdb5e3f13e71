import type { FinalEvent, HandoffEvent } from "../conversation/events.ts";
import { isCutByPerson, type Message, type Outcome, TURN_ERRORS } from "../conversation/records.ts";
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
    finishReason: isCutByPerson(answer) ? "stopped" : (answer.finishReason ?? "stop"),
    ...shownGrounding(answer),
  };
}

/** What is sent before the last event where a person can be reached. Undefined: the answer was not a poor one. */
export function handoffBefore(event: FinalEvent): HandoffEvent | undefined {
  if (event.type === "error") return { type: "handoff", reason: "failed" };
  return event.grounding === "none" ? { type: "handoff", reason: "unknown" } : undefined;
}

export function errorEvent(errorCode: string | undefined): FinalEvent {
  const { code, message } = answerError(errorCode);
  return { type: "error", error: message, code };
}

/** The error that a client gets for an answer that failed or was interrupted. */
export function answerError(code: string | undefined): AppError {
  return new AppError(TURN_ERRORS.find((each) => each === code) ?? "interrupted");
}
