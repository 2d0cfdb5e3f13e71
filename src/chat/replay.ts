import type { Message, StoredTurn } from "../store/store.ts";
import type { FinalEvent } from "./events.ts";
import { answerError, type GeneratedAnswer } from "./generation.ts";
import { Turn } from "./turn.ts";

/**
 * The number of the event that ends a turn for a reader who has others already. How many there were is
 * not stored, so one who had the end by another number is told it once more. This one is always the same,
 * and the highest that a reader can name (schema.ts): whoever comes back with it has everything.
 */
const END_NUMBER = 999_999_999;

/** A turn that has ended, made from what is stored, for a reader who has the events up to a number. */
export function replayTurn(stored: StoredTurn, after: number): Turn {
  const { turnId, sessionId, conversationId, answer } = stored;
  const turn = new Turn({
    id: turnId,
    sessionId,
    conversationId,
    abandonedGraceMs: 0,
    eventsBefore: after === 0 ? 0 : END_NUMBER - 1,
  });
  if (after === 0 && answer.content !== "") turn.append(answer.content);
  turn.end(finalEvent(conversationId, answer));
  return turn;
}

type Ending = Pick<GeneratedAnswer, "content" | "status"> & {
  readonly finishReason?: GeneratedAnswer["finishReason"];
  readonly errorCode?: string | undefined;
  readonly usage?: GeneratedAnswer["usage"];
};

/** The last event of an answer that is stored. */
export function finalEvent(conversationId: string, answer: Ending | Message): FinalEvent {
  if (answer.status !== "complete" && answer.status !== "stopped")
    return errorEvent(answer.errorCode);
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
