import { listConversations } from "../admin/conversation-list.ts";
import { eraseConversation } from "../admin/erasure.ts";
import type { ConversationParams } from "../admin/schema.ts";
import type { ChatService } from "../chat/service.ts";
import { AppError } from "../errors.ts";
import type { Link } from "../http/link.ts";
import type { ConversationStore } from "../store/conversation-store.ts";
import { conversationsPage } from "./conversations-page.ts";
import { seeOther, sendPage, type Settable } from "./page.ts";
import { readList, type ThreadQuery } from "./schema.ts";
import type { Session } from "./session.ts";
import { SHOWN_CHARACTERS, SHOWN_MESSAGES, threadPage } from "./thread-page.ts";

interface ConversationHandlersDeps {
  readonly link: Link;
  readonly store: ConversationStore;
  readonly chat: Pick<ChatService, "activity" | "eraseConversation">;
}

/** The parts of Elysia's context that the handlers use. */
interface ListContext {
  readonly request: Request;
  readonly session: Session;
  readonly set: Settable;
}

interface EraseContext {
  readonly params: typeof ConversationParams.static;
  readonly set: Settable;
}

interface ThreadContext extends EraseContext {
  readonly query: typeof ThreadQuery.static;
  readonly session: Session;
}

/**
 * The handlers of the pages with conversations. Each destructures its context in the parameter list,
 * because Elysia reads a handler's source to see which parts of the context it needs.
 */
export function createConversationHandlers({ link, store, chat }: ConversationHandlersDeps) {
  return {
    list: async ({ request, session, set }: ListContext) => {
      const { fields, problems, filter } = readList(request.url);
      const { published } = chat.activity;
      const page = filter && (await listConversations(store, filter));
      if (page === undefined) set.status = 400;
      return sendPage(set, conversationsPage({ link, session, fields, problems, page, published }));
    },
    read: async ({ params, query, session, set }: ThreadContext) => {
      const { id } = params;
      const conversation = await store.findConversation(id);
      if (!conversation) throw new AppError("not_found");
      const { published } = chat.activity;
      const before = query.before === undefined ? undefined : Number(query.before);
      const found = await store.listMessages(id, SHOWN_MESSAGES, before, SHOWN_CHARACTERS);
      const thread = { conversation, messages: found };
      const older = found[0] && (await store.listMessages(id, 1, found[0].id));
      const [isNewest, hasOlder] = [before === undefined, (older ?? []).length > 0];
      return sendPage(set, threadPage({ link, session, thread, isNewest, hasOlder, published }));
    },
    erase: async ({ params, set }: EraseContext) => {
      await eraseConversation({ store, chat }, params.id);
      return seeOther(set, link("/dashboard/conversations"));
    },
  };
}
