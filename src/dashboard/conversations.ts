import { listConversations } from "../admin/conversation-list.ts";
import { hideConversation } from "../admin/erasure.ts";
import type { ConversationParams } from "../admin/schema.ts";
import type { ChatService } from "../chat/service.ts";
import type { Config } from "../config/config.ts";
import type { Link } from "../http/link.ts";
import type { Requests } from "../people/requests.ts";
import type { LocalDays } from "../runtime/local-days.ts";
import { DAY_MS } from "../runtime/time.ts";
import type { ConversationStore } from "../store/conversation-store.ts";
import type { RequestStore } from "../store/request-store.ts";
import type { TakeoverStore } from "../store/takeover-store.ts";
import { readDone } from "./deletion-notice.ts";
import { isRefresh } from "./guard.ts";
import { listPath, threadPath } from "./list-path.ts";
import { NOTHING_BESIDE, readBeside } from "./list/beside.ts";
import { dateOf } from "./list/periods.ts";
import { seeOther, sendPage, type Settable } from "./page.ts";
import { readList, type RequestOfThreadParams, type ThreadQuery } from "./schema.ts";
import type { Session } from "./session.ts";
import { readThread } from "./thread/read-thread.ts";

interface ConversationHandlersDeps {
  readonly link: Link;
  readonly config: Pick<Config, "people" | "spending">;
  readonly store: ConversationStore &
    Pick<RequestStore, "requestsOf"> &
    Pick<TakeoverStore, "findTakeover">;
  readonly requests: Pick<Requests, "close">;
  readonly chat: Pick<ChatService, "activity" | "hideConversation" | "restoreConversation">;
  /** The days of the owner's time zone. */
  readonly days: LocalDays;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** The parts of Elysia's context that the handlers use. */
interface ListContext {
  readonly request: Request;
  readonly session: Session;
  readonly set: Settable;
}

interface EraseContext {
  readonly params: typeof ConversationParams.static;
  readonly request: Request;
  readonly set: Settable;
}

interface CloseRequestContext extends Omit<EraseContext, "params"> {
  readonly params: typeof RequestOfThreadParams.static;
}

interface ThreadContext extends EraseContext {
  readonly query: typeof ThreadQuery.static;
  readonly session: Session;
}

/**
 * The handlers of the pages with conversations. Each destructures its context in the parameter list,
 * because Elysia reads a handler's source to see which parts of the context it needs.
 */
export function createConversationHandlers({
  config,
  link,
  store,
  chat,
  requests,
  days,
  now,
}: ConversationHandlersDeps) {
  const readToday = () => dateOf(days.dayOf(now()) * DAY_MS);

  return {
    list: async ({ request, session, set }: ListContext) => {
      const { fields, problems, filter } = readList(request.url, days);
      const { published } = chat.activity;
      const page = filter && (await listConversations(store, filter));
      if (page === undefined) set.status = 400;
      const done = readDone(request.url);
      const options = { link, session, fields, problems, page, done, published };
      const { listPage } = await import("./list/list-page.ts");
      return sendPage(set, listPage({ ...options, today: readToday(), now: now() }));
    },
    read: async ({ params, query, request, session, set }: ThreadContext) => {
      const { published } = chat.activity;
      const part = await readThread(store, params.id, query);
      const { threadPage } = await import("./thread/thread-page.ts");
      const { fields, filter } = readList(request.url, days);
      // What is fetched again and again has it already.
      const isAlone = filter === undefined || isRefresh(request);
      const options = {
        fields,
        beside: isAlone
          ? NOTHING_BESIDE
          : await readBeside(store, params.id, filter, fields.cursor),
        requests: await store.requestsOf(params.id),
        today: readToday(),
        now: now(),
        currency: config.spending.currency,
        isSource: query.view === "source",
        takeover: await store.findTakeover(params.id),
        personName: config.people.name,
        published,
      };
      return sendPage(set, await threadPage({ link, session, ...part, ...options }));
    },
    erase: async ({ params, request, set }: EraseContext) => {
      const { id } = params;
      await hideConversation({ store, chat, now }, id);
      const done = { kind: "deleted", id } as const;
      return seeOther(set, link(listPath(readList(request.url, days).fields, done)));
    },
    closeRequest: async ({ params, request, set }: CloseRequestContext) => {
      await requests.close(params.request);
      return seeOther(set, link(threadPath(params.id, readList(request.url, days).fields)));
    },
    restore: async ({ params, request, set }: EraseContext) => {
      const kind = (await chat.restoreConversation(params.id)) ? "restored" : "gone";
      return seeOther(set, link(listPath(readList(request.url, days).fields, { kind })));
    },
  };
}
