import { randomText } from "../../src/runtime/random-text.ts";
import type { NewRequest, PersonRequest, RequestStore } from "../../src/store/request-store.ts";
import { NOON } from "./stored-turns.ts";

/** Stores a request for a person in a conversation, with defaults for what a test does not set. */
export async function storedRequest(
  store: RequestStore,
  conversationId: string,
  more: Partial<NewRequest> = {},
): Promise<PersonRequest> {
  const request: NewRequest = {
    id: `p_${randomText(16)}`,
    conversationId,
    contact: { kind: "email", value: "ada@example.com" },
    consent: "You may write to me about this.",
    at: NOON,
    ...more,
  };
  const added = await store.addRequest(request, { since: 0, max: 100 });
  if (added.kind !== "added") throw new Error(`The request was not stored: ${added.kind}.`);
  return added.request;
}
