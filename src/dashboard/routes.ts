import { Elysia } from "elysia";

import { exportResponse, exportThreadResponse } from "../admin/export.ts";
import { ConversationParams } from "../admin/schema.ts";
import type { ChatService } from "../chat/service.ts";
import type { Advice } from "../config/advice.ts";
import type { Config } from "../config/config.ts";
import { AppError } from "../errors.ts";
import type { Link } from "../http/link.ts";
import type { Places } from "../http/places.ts";
import { leaveBody } from "../http/read-body.ts";
import type { Sightings } from "../http/sightings.ts";
import type { CuratorDeps } from "../knowledge/curator.ts";
import type { Learner } from "../knowledge/learner.ts";
import type { ModelInForce } from "../model/model-in-force.ts";
import type { Peers } from "../peers/peers.ts";
import type { Requests } from "../people/requests.ts";
import type { Takeovers } from "../people/takeovers.ts";
import type { RedactionInForce } from "../redaction/redaction.ts";
import { loadOnce } from "../runtime/load-once.ts";
import { LocalDays } from "../runtime/local-days.ts";
import { DAY_MS } from "../runtime/time.ts";
import type { OwnerSettings } from "../settings/owner-settings.ts";
import type { RefusedOrigins } from "../settings/refused-origins.ts";
import type { AnswerTestStore } from "../store/answer-test-store.ts";
import type { ConversationStore } from "../store/conversation-store.ts";
import type { KnowledgeStore } from "../store/knowledge-store.ts";
import type { RequestStore } from "../store/request-store.ts";
import type { SetupFactStore } from "../store/setup-fact-store.ts";
import type { FigureStore, StoreHealth } from "../store/store.ts";
import type { TakeoverStore } from "../store/takeover-store.ts";
import type { TurnStore } from "../store/turn-store.ts";
import type { UnansweredStore } from "../store/unanswered-store.ts";
import type { Grounder } from "../turns/grounder.ts";
import { createConversationHandlers } from "./conversations.ts";
import { eventResponse } from "./events.ts";
import { readOwnersForm } from "./form.ts";
import { EVENTS_PATH, requireOwner, requireOwnForm } from "./guard.ts";
import { createKnowledgeHandlers } from "./knowledge/handlers.ts";
import { exportName } from "./list-path.ts";
import { figuresSince } from "./overview/choice.ts";
import type { OverviewDeps } from "./overview/show-overview.ts";
import { seeOther } from "./page.ts";
import { createPageHandlers } from "./pages.ts";
import {
  ButtonForm,
  EventsQuery,
  ExportQuery,
  FilesForm,
  KnowledgeItemParams,
  KnowledgeParams,
  OverviewQuery,
  OwnerMessageForm,
  readList,
  RequestOfThreadParams,
  SettingsForm,
  SettingsParams,
  ThreadExportQuery,
  ThreadQuery,
} from "./schema.ts";
import type { SessionCookie } from "./session.ts";
import { createSettingsHandlers } from "./settings/handlers.ts";
import type { CreateModel } from "./settings/model-trials.ts";
import { ModelTrials } from "./settings/model-trials.ts";
import type { NoticesSectionDeps } from "./settings/notices-section.ts";
import type { PasswordChangeDeps } from "./settings/password-change.ts";
import { createTakeoverHandlers } from "./takeovers.ts";
import { threadTopic } from "./thread/live-answer.ts";
import { allConversations, learningTopic } from "./topics.ts";

interface DashboardRoutesDeps extends PasswordChangeDeps, Pick<CuratorDeps, "hasRoom" | "onDue"> {
  readonly config: Config;
  readonly link: Link;
  readonly store: ConversationStore &
    FigureStore &
    Pick<StoreHealth, "sizeBytes"> &
    SetupFactStore &
    KnowledgeStore &
    UnansweredStore &
    Pick<TurnStore, "findTurn"> &
    AnswerTestStore &
    RequestStore &
    Pick<TakeoverStore, "findTakeover"> &
    PasswordChangeDeps["store"] &
    NoticesSectionDeps["store"] &
    OverviewDeps["store"];
  readonly outbox: NoticesSectionDeps["outbox"];
  readonly learner: Pick<Learner, "progress">;
  readonly settings: OwnerSettings;
  readonly refused: RefusedOrigins;
  readonly sightings: Sightings;
  readonly model: ModelInForce;
  readonly grounder: Grounder;
  readonly redaction: RedactionInForce;
  readonly createModel: CreateModel;
  readonly peers: Pick<Peers, "replicas">;
  /** Limits how many exports and long threads are read at once. */
  readonly downloads: Places;
  readonly chat: ChatService;
  readonly requests: Requests;
  readonly spending: OverviewDeps["spending"];
  readonly takeovers: Takeovers;
  readonly cookie: SessionCookie;
  /** The advice for the owner, the worst first. */
  readonly advise: () => Promise<readonly Advice[]>;
}

/** The owner's pages. The guard comes first and protects every route after it. */
export function dashboardRoutes(deps: DashboardRoutesDeps) {
  const { config, link, store, downloads, chat, sessions, cookie } = deps;
  const { heartbeatIntervalMs } = config.turns;
  const days = new LocalDays(() => config.calendar.timeZone);
  const trials = new ModelTrials(deps);
  const gettingStarted = loadOnce(async () => {
    const { GettingStarted } = await import("./getting-started-now.ts");
    return new GettingStarted({ ...deps, trials });
  });
  const pages = createPageHandlers({ ...deps, days, gettingStarted });
  const conversations = createConversationHandlers({ ...deps, days });
  const takeovers = createTakeoverHandlers({ ...deps, days });
  const published = () => chat.activity.published;
  const knowledge = createKnowledgeHandlers({
    ...deps,
    published,
  });
  const settings = createSettingsHandlers({
    ...deps,
    published,
    trials,
    async next(request) {
      const today = days.dayOf(deps.now()) * DAY_MS;
      const figures = await store.dailyFigures(figuresSince(today), today);
      return (await gettingStarted()).next(request, figures);
    },
  });

  const topicOf = (of: string | undefined, isStillAllowed: () => Promise<boolean>) => {
    if (of === undefined) return allConversations;
    if (of === "knowledge") return learningTopic(deps.learner.progress);
    return threadTopic({ ...deps, isStillAllowed }, of);
  };

  return new Elysia({ name: "dashboard", normalize: false, detail: { hide: true } })
    .onParse(leaveBody)
    .derive(requireOwner(deps))
    .onTransform(readOwnersForm)
    .derive(requireOwnForm)
    .get("/dashboard", pages.overview, { query: OverviewQuery })
    .get("/dashboard/conversations", conversations.list)
    .get("/dashboard/conversations/:id", conversations.read, {
      params: ConversationParams,
      query: ThreadQuery,
    })
    .post("/dashboard/conversations/:id/delete", conversations.erase, {
      params: ConversationParams,
      body: ButtonForm,
    })
    .post("/dashboard/conversations/:id/restore", conversations.restore, {
      params: ConversationParams,
      body: ButtonForm,
    })
    .post("/dashboard/conversations/:id/requests/:request/close", conversations.closeRequest, {
      params: RequestOfThreadParams,
      body: ButtonForm,
    })
    .post("/dashboard/conversations/:id/takeover", takeovers.begin, {
      params: ConversationParams,
      body: ButtonForm,
    })
    .post("/dashboard/conversations/:id/give-back", takeovers.end, {
      params: ConversationParams,
      body: ButtonForm,
    })
    .post("/dashboard/conversations/:id/messages", takeovers.write, {
      params: ConversationParams,
      body: OwnerMessageForm,
    })
    .post("/dashboard/conversations/:id/typing", takeovers.showTyping, {
      params: ConversationParams,
      body: ButtonForm,
    })
    .get(
      "/dashboard/export",
      ({ query: { format = "ndjson" }, request, server }) => {
        const { fields, filter } = readList(request.url, days);
        if (filter === undefined) throw new AppError("invalid_request");
        const file = { name: exportName(fields), format };
        return exportResponse({ store, downloads }, file, filter, { request, server });
      },
      { query: ExportQuery },
    )
    .get(
      "/dashboard/conversations/:id/export",
      ({ params, query: { format = "ndjson" }, request, server }) =>
        exportThreadResponse({ store, downloads }, format, params.id, { request, server }),
      { params: ConversationParams, query: ThreadExportQuery },
    )
    .get("/dashboard/knowledge", knowledge.read)
    .post("/dashboard/knowledge", knowledge.submit, { body: SettingsForm })
    .post("/dashboard/knowledge/files", knowledge.upload, { body: FilesForm })
    .get("/dashboard/knowledge/:tab", knowledge.read, { params: KnowledgeParams })
    .post("/dashboard/knowledge/:tab", knowledge.submit, {
      params: KnowledgeParams,
      body: SettingsForm,
    })
    .get("/dashboard/knowledge/:tab/:id", knowledge.read, { params: KnowledgeItemParams })
    .post("/dashboard/knowledge/:tab/:id", knowledge.submit, {
      params: KnowledgeItemParams,
      body: SettingsForm,
    })
    .get("/dashboard/setup", pages.setup)
    .get("/dashboard/settings", settings.read)
    .get("/dashboard/settings/:section", settings.read, { params: SettingsParams })
    .post("/dashboard/settings/:section", settings.submit, {
      params: SettingsParams,
      body: SettingsForm,
    })
    .get(
      EVENTS_PATH,
      ({ query, request, server, session }) => {
        const isStillAllowed = () => sessions.isThere(session.token);
        const openTopic = topicOf(query.of, isStillAllowed);
        const options = { feed: chat.activity, openTopic, heartbeatIntervalMs, isStillAllowed };
        return eventResponse(options, { request, server });
      },
      { query: EventsQuery },
    )
    .post(
      "/dashboard/logout",
      async ({ request, session, set }) => {
        await sessions.end(session.token);
        set.headers["set-cookie"] = cookie.clear(request);
        return seeOther(set, link("/dashboard/login"));
      },
      { body: ButtonForm },
    );
}
