import type { Message, Thread } from "../../conversation/records.ts";
import { AppError } from "../../errors.ts";
import type { ConversationStore } from "../../store/conversation-store.ts";

/** A page shows at most so many messages, or so much text, of a very long thread. */
const SHOWN_MESSAGES = 500;
const SHOWN_CHARACTERS = 200_000;
/** What is shown before a message that is sought, at most. */
const EARLIER_MESSAGES = 20;
const EARLIER_CHARACTERS = 20_000;
const MAX_QUESTION_LENGTH = 200;

/** The part of a conversation that a page shows. */
export interface ThreadPart {
  readonly thread: Thread;
  /** What the visitor asked first. */
  readonly firstQuestion: string;
  /** Whether the messages are the newest ones of the conversation. */
  readonly isNewest: boolean;
  readonly hasOlder: boolean;
}

/** Which part is asked for: what comes before a message, or the part that has a message. Otherwise the newest. */
interface PartQuery {
  readonly before?: string;
  readonly message?: string;
}

/**
 * Reads a part of a conversation.
 * @throws AppError not_found
 */
export async function readThread(
  store: ConversationStore,
  id: string,
  query: PartQuery,
): Promise<ThreadPart> {
  const conversation = await store.findConversation(id);
  if (!conversation) throw new AppError("not_found");
  const { messages, isNewest } = await readMessages(store, id, query);
  const [first] = await store.messagesAfter(id, 0, 1);
  return {
    thread: { conversation, messages },
    firstQuestion:
      first?.role === "user" ? first.content.slice(0, MAX_QUESTION_LENGTH).toWellFormed() : "",
    isNewest,
    hasOlder: first !== undefined && messages[0] !== undefined && first.id < messages[0].id,
  };
}

async function readMessages(
  store: ConversationStore,
  id: string,
  { before, message }: PartQuery,
): Promise<{ readonly messages: readonly Message[]; readonly isNewest: boolean }> {
  const beforeId = before === undefined ? undefined : Number(before);
  const messages = await store.listMessages(id, SHOWN_MESSAGES, beforeId, SHOWN_CHARACTERS);
  const sought = Number(message ?? Number.POSITIVE_INFINITY);
  const [first] = messages;
  if (beforeId !== undefined || first === undefined || first.id <= sought) {
    return { messages, isNewest: beforeId === undefined };
  }
  const earlier = await store.listMessages(id, EARLIER_MESSAGES, sought, EARLIER_CHARACTERS);
  const limit = SHOWN_MESSAGES - earlier.length;
  const later = await store.messagesAfter(id, sought - 1, limit, SHOWN_CHARACTERS);
  const isNewest = later.at(-1)?.id === messages.at(-1)?.id;
  return { messages: [...earlier, ...later], isNewest };
}
