import { Elysia } from "elysia";

import { listConversations } from "../admin/conversation-list.ts";
import { exportResponse } from "../admin/export.ts";
import type { ChatService } from "../chat/service.ts";
import { emptyResponse, streamHeaders } from "../chat/stream/response.ts";
import { sseEncoder } from "../chat/stream/sse.ts";
import type { Advice } from "../config/advice.ts";
import type { Config } from "../config/config.ts";
import { AppError } from "../errors.ts";
import { neverTimeOut } from "../http/connection.ts";
import type { Link } from "../http/link.ts";
import type { Places } from "../http/places.ts";
import { leaveBody } from "../http/read-body.ts";
import { contextOf } from "../http/request-context.ts";
import type { Store } from "../store/store.ts";
import { conversationsPage } from "./conversations-page.ts";
import { requireFormToken, requireSameOrigin } from "./csrf.ts";
import { hasRoomForViewer, openEventStream } from "./events.ts";
import { readOwnersForm } from "./form.ts";
import { OVERVIEW_DAYS, overviewPage } from "./overview-page.ts";
import { sendPage } from "./page.ts";
import {
  ButtonForm,
  ConversationParams,
  ExportQuery,
  readList,
  readWidget,
  ThreadQuery,
} from "./schema.ts";
import type { OwnerSessions, SessionCookie } from "./session.ts";
import { settingsInForce } from "./settings.ts";
import { setupPage } from "./setup-page.ts";
import { SHOWN_CHARACTERS, SHOWN_MESSAGES, threadPage } from "./thread-page.ts";

interface DashboardRoutesDeps {
  readonly config: Config;
  readonly link: Link;
  readonly store: Store;
  /** For the exports and long threads that are being read. */
  readonly downloads: Places;
  readonly chat: ChatService;
  /** Undefined without a password: the dashboard is off. */
  readonly sessions: OwnerSessions | undefined;
  readonly cookie: SessionCookie;
  /** What the owner should know or change, the worst first. */
  readonly advise: () => Promise<readonly Advice[]>;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

const DAY_MS = 24 * 60 * 60 * 1000;
/** What a page sends with what it asks by itself, without its owner doing anything. */
const REFRESH_HEADER = "x-dashboard-refresh";
/** What an open page reads and, after a lost connection, asks for again by itself. */
const EVENTS_PATH = "/dashboard/events";

/** The owner's pages. The guard stands first: routes are protected by position. */
export function dashboardRoutes(deps: DashboardRoutesDeps) {
  const { config, link, store, downloads, chat, sessions, cookie, now } = deps;

  return new Elysia({ name: "dashboard", normalize: false, detail: { hide: true } })
    .onParse(leaveBody)
    .derive(async ({ request }) => {
      if (sessions === undefined) throw new AppError("dashboard_disabled");
      const token = cookie.read(request);
      const isByItself =
        request.headers.has(REFRESH_HEADER) || contextOf(request).path === EVENTS_PATH;
      const session = token === undefined ? undefined : await sessions.find(token, !isByItself);
      if (session === undefined) throw new AppError("login_required");
      return { session, sessions };
    })
    .onTransform(readOwnersForm)
    .derive(({ request, body, session }) => {
      requireSameOrigin(request);
      requireFormToken(request, body, session.formToken);
      return {};
    })
    .get("/dashboard", async ({ session, set }) => {
      const { published } = chat.activity;
      const to = now();
      const figures = await store.dailyFigures(to - (OVERVIEW_DAYS - 1) * DAY_MS, to);
      const { total: totalConversations } = await store.listConversations({ limit: 1 });
      const { runningTurns } = chat;
      const figuresNow = { figures, runningTurns, totalConversations, published, now: to };
      const advice = await deps.advise();
      return sendPage(set, overviewPage({ link, session, advice, ...figuresNow }));
    })
    .get("/dashboard/conversations", async ({ request, session, set }) => {
      const { fields, problems, filter } = readList(request.url);
      const { published } = chat.activity;
      const page = filter && (await listConversations(store, filter));
      if (page === undefined) set.status = 400;
      return sendPage(set, conversationsPage({ link, session, fields, problems, page, published }));
    })
    .get(
      "/dashboard/conversations/:id",
      async ({ params: { id }, query, session, set }) => {
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
      { params: ConversationParams, query: ThreadQuery },
    )
    .post(
      "/dashboard/conversations/:id/delete",
      async ({ params: { id }, set }) => {
        const conversation = await store.findConversation(id);
        const isErased = conversation && (await chat.eraseConversation(conversation));
        if (!isErased) throw new AppError("not_found");
        return seeOther(set, link("/dashboard/conversations"));
      },
      { params: ConversationParams, body: ButtonForm },
    )
    .get(
      "/dashboard/export",
      ({ query: { format = "ndjson" }, request, server }) =>
        exportResponse(store, format, { request, server }, downloads),
      { query: ExportQuery },
    )
    .get("/dashboard/setup", async ({ request, session, set }) => {
      const { fields, problems } = readWidget(request.url);
      const hasProblem = Object.values(problems).some((problem) => problem !== undefined);
      if (hasProblem) set.status = 400;
      const page = setupPage({
        link,
        session,
        fields,
        problems,
        publicUrl: config.publicUrl ?? addressOf(request, config),
        widgetKey: config.widgetApiKeys[0] ?? "",
        advice: await deps.advise(),
        settings: settingsInForce(config),
      });
      return sendPage(set, page);
    })
    .get(EVENTS_PATH, ({ request, server, session, sessions: known }) => {
      if (request.method === "HEAD") return emptyResponse(sseEncoder);
      if (!hasRoomForViewer(chat.activity)) throw new AppError("too_many_viewers");
      return neverTimeOut({ request, server }, (onEnd) => {
        const stream = openEventStream({
          feed: chat.activity,
          heartbeatIntervalMs: config.heartbeatIntervalMs,
          isStillAllowed: async () => (await known.find(session.token, false)) !== undefined,
          onEnd,
        });
        return new Response(stream, { headers: streamHeaders(sseEncoder) });
      });
    })
    .post(
      "/dashboard/logout",
      async ({ session, sessions: known, set }) => {
        await known.end(session.token);
        set.headers["set-cookie"] = cookie.clear();
        return seeOther(set, link("/dashboard/login"));
      },
      { body: ButtonForm },
    );
}

interface Settable {
  status?: number | string;
  headers: Record<string, string | number>;
}

function seeOther(set: Settable, location: string): string {
  set.status = 303;
  set.headers.location = location;
  return "";
}

/** The address that the owner opened; in production TLS has ended before this server. */
function addressOf({ url }: Request, { environment }: Pick<Config, "environment">): string {
  const { host, protocol } = new URL(url);
  return `${environment === "production" ? "https:" : protocol}//${host}`;
}
