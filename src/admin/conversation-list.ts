import { overloaded } from "../errors.ts";
import {
  type ConversationFilter,
  type ConversationPage,
  type Store,
  TooManySearchesError,
} from "../store/store.ts";

/**
 * A page of conversations, for the admin API and the dashboard.
 * @throws AppError overloaded when too many searches are under way
 */
export async function listConversations(
  store: Pick<Store, "listConversations">,
  filter: ConversationFilter,
): Promise<ConversationPage> {
  try {
    return await store.listConversations(filter);
  } catch (error) {
    throw error instanceof TooManySearchesError ? overloaded() : error;
  }
}
