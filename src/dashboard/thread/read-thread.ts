import type { Thread } from "../../conversation/records.ts";
import { AppError } from "../../errors.ts";
import type { ConversationStore } from "../../store/conversation-store.ts";

/** A page shows at most so many messages, or so much text, of a very long thread. */
const SHOWN_MESSAGES = 500;
const SHOWN_CHARACTERS = 400_000;

/** The part of a conversation that a page shows. */
export interface ThreadPart {
  readonly thread: Thread;
  /** What the visitor asked first. */
  readonly firstQuestion: string;
  /** Whether the messages are the newest ones of the conversation. */
  readonly isNewest: boolean;
  readonly hasOlder: boolean;
}

/**
 * Reads the newest messages of a conversation, or those before a message.
 * @throws AppError not_found
 */
export async function readThread(
  store: ConversationStore,
  id: string,
  { before }: { readonly before?: string },
): Promise<ThreadPart> {
  const conversation = await store.findConversation(id);
  if (!conversation) throw new AppError("not_found");
  const beforeId = before === undefined ? undefined : Number(before);
  const messages = await store.listMessages(id, SHOWN_MESSAGES, beforeId, SHOWN_CHARACTERS);
  const [first] = await store.messagesAfter(id, 0, 1);
  return {
    thread: { conversation, messages },
    firstQuestion: first?.role === "user" ? first.content.slice(0, MAX_QUESTION_LENGTH) : "",
    isNewest: beforeId === undefined,
    hasOlder: first !== undefined && messages[0] !== undefined && first.id < messages[0].id,
  };
}

const MAX_QUESTION_LENGTH = 200;
