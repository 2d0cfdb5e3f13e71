import { AppError } from "../errors.ts";
import type { Connection } from "../http/connection.ts";
import type { Message, Store, Thread } from "../store/store.ts";
import { PAGE_SIZE, pagedResponse } from "./paged-body.ts";

/**
 * A conversation with all its messages. A visitor can make it as long as the owner's limits let them, so
 * a long one is read a page at a time, and others are served between.
 * @throws AppError not_found
 */
export async function threadResponse(
  store: Pick<Store, "findConversation" | "messagesAfter">,
  conversationId: string,
  connection: Connection,
): Promise<Thread | Response> {
  const conversation = await store.findConversation(conversationId);
  if (!conversation) throw new AppError("not_found");
  const messages = await store.messagesAfter(conversationId, 0, PAGE_SIZE);
  if (messages.length < PAGE_SIZE) return { conversation, messages };
  const body = {
    head: `{"conversation":${JSON.stringify(conversation)},"messages":[`,
    first: messages,
    next: async ({ id }: Message) => {
      const rows = await store.messagesAfter(conversationId, id, PAGE_SIZE);
      if (rows.length > 0 || (await store.findConversation(conversationId))) return rows;
      throw new Error("The conversation was erased while it was read.");
    },
    encode: (message: Message) => JSON.stringify(message),
    separator: ",",
    tail: "]}",
  };
  return pagedResponse(body, { "content-type": "application/json;charset=utf-8" }, connection);
}
