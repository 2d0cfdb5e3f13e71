import type { ChatService } from "../chat/service.ts";
import { AppError } from "../errors.ts";
import type { ConversationStore } from "../store/conversation-store.ts";

interface ErasureDeps {
  readonly store: ConversationStore;
  readonly chat: Pick<ChatService, "eraseConversation">;
}

/**
 * Erases a conversation for the admin API and the dashboard. An answer under way is stopped first.
 * @throws AppError not_found
 */
export async function eraseConversation({ store, chat }: ErasureDeps, id: string): Promise<void> {
  const conversation = await store.findConversation(id);
  const isErased = conversation && (await chat.eraseConversation(conversation));
  if (!isErased) throw new AppError("not_found");
}
