import { overloaded } from "../errors.ts";
import {
  type ConversationFilter,
  type ConversationPage,
  type ConversationStore,
  TooManySearchesError,
} from "../store/conversation-store.ts";

/**
 * A page of conversations, for the admin API and the dashboard.
 * @throws AppError overloaded when too many searches are under way
 */
export async function listConversations(
  store: Pick<ConversationStore, "listConversations">,
  filter: ConversationFilter,
): Promise<ConversationPage> {
  try {
    return await store.listConversations(filter);
  } catch (error) {
    throw error instanceof TooManySearchesError ? overloaded() : error;
  }
}
