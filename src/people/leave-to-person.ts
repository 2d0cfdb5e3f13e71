import type { Outcome } from "../conversation/records.ts";
import { isTakenOver, type TakeoverStore } from "../store/takeover-store.ts";

/**
 * An answer that ends because the owner takes the conversation over: what the model has said stays, and the visitor did not
 * stop it. Takeovers are stored before answers are stopped, at whichever replica, so the store knows. Never throws.
 */
export async function leaveToPerson(
  store: Pick<TakeoverStore, "findTakeover">,
  conversationId: string,
  outcome: Outcome,
): Promise<Outcome> {
  if (outcome.status !== "stopped") return outcome;
  // Where the store does not answer, the end of the answer waits for it anyway.
  const takeover = await store.findTakeover(conversationId).catch(() => undefined);
  if (!isTakenOver(takeover, outcome.at)) return outcome;
  return { ...outcome, status: "complete", finishReason: "person" };
}
