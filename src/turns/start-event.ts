import type { StartEvent } from "../conversation/events.ts";
import { isMasked } from "../conversation/masked.ts";
import type { Turn } from "./turn.ts";

/** A stored question that readers are shown, because something in it was replaced (redaction). */
export function replacedQuestion(question: string | undefined): string | undefined {
  return question !== undefined && isMasked(question) ? question : undefined;
}

export function startEvent({
  id: turnId,
  conversationId,
  question,
}: Pick<Turn, "id" | "conversationId" | "question">): StartEvent {
  return { type: "start", conversationId, turnId, ...(question !== undefined && { question }) };
}
