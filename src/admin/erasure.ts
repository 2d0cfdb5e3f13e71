import type { ChatService } from "../chat/service.ts";
import { AppError } from "../errors.ts";
import type { ConversationStore } from "../store/conversation-store.ts";
import { RESTORABLE_MS } from "../store/delayed-erasure.ts";
import type { ErasureStore } from "../store/store.ts";

type FindStore = Pick<ConversationStore, "findConversation">;

interface ErasureDeps {
  readonly store: Pick<ErasureStore, "listErasable">;
  readonly chat: Pick<ChatService, "eraseConversation">;
}

/**
 * Erases a conversation for the admin API, also a hidden one. An answer under way is stopped first.
 * @throws AppError not_found
 */
export async function eraseConversation({ store, chat }: ErasureDeps, id: string): Promise<void> {
  const [conversation] = await store.listErasable("id", id);
  const isErased = conversation && (await chat.eraseConversation(conversation));
  if (!isErased) throw new AppError("not_found");
}

interface HidingDeps {
  readonly store: FindStore;
  readonly chat: Pick<ChatService, "hideConversation">;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/**
 * Deletes a conversation for the dashboard: it can be restored until it is erased. An answer under way is stopped first.
 * @throws AppError not_found
 */
export async function hideConversation(
  { store, chat, now }: HidingDeps,
  id: string,
): Promise<void> {
  const conversation = await store.findConversation(id);
  const isHidden =
    conversation && (await chat.hideConversation(conversation, now() + RESTORABLE_MS));
  if (!isHidden) throw new AppError("not_found");
}
