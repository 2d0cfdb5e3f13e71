import type { ConversationStore } from "../../src/store/conversation-store.ts";
import type { ErasureStore } from "../../src/store/store.ts";
import { NOON } from "./stored-turns.ts";

/** Takes steps until all is done. Returns how many conversations each step deleted. */
export async function expire(store: ErasureStore, before = NOON): Promise<number[]> {
  const steps: number[] = [];
  for (;;) {
    const { conversations, isDone } = await store.expireConversations(before);
    steps.push(conversations);
    if (isDone) return steps;
  }
}

/** As `expire`. Returns how many conversations were deleted. */
export async function expireAll(store: ErasureStore, before?: number): Promise<number> {
  return (await expire(store, before)).reduce((total, number) => total + number, 0);
}

/** The sessions of all conversations, in alphabetical order. */
export async function sessionsIn(store: ConversationStore): Promise<string[]> {
  const { conversations } = await store.listConversations({ limit: 1000 });
  return conversations.map(({ sessionId }) => sessionId).toSorted();
}
