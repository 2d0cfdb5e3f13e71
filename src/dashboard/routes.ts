import { Elysia } from "elysia";

import { exportResponse } from "../admin/export.ts";
import { ConversationParams } from "../admin/schema.ts";
import type { ChatService } from "../chat/service.ts";
import type { Advice } from "../config/advice.ts";
import type { Config } from "../config/config.ts";
import type { Link } from "../http/link.ts";
import type { Places } from "../http/places.ts";
import { leaveBody } from "../http/read-body.ts";
import type { Sightings } from "../http/sightings.ts";
import type { ModelInForce } from "../model/model-in-force.ts";
import type { Peers } from "../peers/peers.ts";
import { DAY_MS } from "../runtime/time.ts";
import type { OwnerSettings } from "../settings/owner-settings.ts";
import type { RefusedOrigins } from "../settings/refused-origins.ts";
import type { ConversationStore } from "../store/conversation-store.ts";
import type { SetupFactStore } from "../store/setup-fact-store.ts";
import type { FigureStore, StoreHealth } from "../store/store.ts";
import type { Grounder } from "../turns/grounder.ts";
import { createConversationHandlers } from "./conversations.ts";
import { eventResponse } from "./events.ts";
import { readOwnersForm } from "./form.ts";
import { GettingStarted } from "./getting-started-now.ts";
import { EVENTS_PATH, requireOwner, requireOwnForm } from "./guard.ts";
import { OVERVIEW_DAYS } from "./overview-page.ts";
import { seeOther } from "./page.ts";
import { createPageHandlers } from "./pages.ts";
import { ButtonForm, ExportQuery, SettingsForm, SettingsParams, ThreadQuery } from "./schema.ts";
import type { SessionCookie } from "./session.ts";
import { createSettingsHandlers } from "./settings/handlers.ts";
import type { CreateModel } from "./settings/model-trials.ts";
import { ModelTrials } from "./settings/model-trials.ts";
import type { PasswordChangeDeps } from "./settings/password-change.ts";
import { createSections } from "./settings/sections.ts";

interface DashboardRoutesDeps extends PasswordChangeDeps {
  readonly config: Config;
  readonly link: Link;
  readonly store: ConversationStore &
    FigureStore &
    Pick<StoreHealth, "sizeBytes"> &
    SetupFactStore &
    PasswordChangeDeps["store"];
  readonly settings: OwnerSettings;
  readonly refused: RefusedOrigins;
  readonly sightings: Sightings;
  readonly model: ModelInForce;
  readonly grounder: Grounder;
  readonly createModel: CreateModel;
  readonly peers: Pick<Peers, "replicas">;
  /** Limits how many exports and long threads are read at once. */
  readonly downloads: Places;
  readonly chat: ChatService;
  readonly cookie: SessionCookie;
  /** The advice for the owner, the worst first. */
  readonly advise: () => Promise<readonly Advice[]>;
}

/** The owner's pages. The guard comes first and protects every route after it. */
export function dashboardRoutes(deps: DashboardRoutesDeps) {
  const { config, link, store, downloads, chat, sessions, cookie } = deps;
  const { heartbeatIntervalMs } = config.turns;
  const trials = new ModelTrials(deps);
  const gettingStarted = new GettingStarted({ ...deps, trials });
  const pages = createPageHandlers({ ...deps, gettingStarted });
  const conversations = createConversationHandlers(deps);
  const settings = createSettingsHandlers({
    link,
    settings: deps.settings,
    sections: createSections({ ...deps, trials }),
    async next(request) {
      const to = deps.now();
      const figures = await store.dailyFigures(to - (OVERVIEW_DAYS - 1) * DAY_MS, to);
      return gettingStarted.next(request, figures);
    },
  });

  return new Elysia({ name: "dashboard", normalize: false, detail: { hide: true } })
    .onParse(leaveBody)
    .derive(requireOwner(deps))
    .onTransform(readOwnersForm)
    .derive(requireOwnForm)
    .get("/dashboard", pages.overview)
    .get("/dashboard/conversations", conversations.list)
    .get("/dashboard/conversations/:id", conversations.read, {
      params: ConversationParams,
      query: ThreadQuery,
    })
    .post("/dashboard/conversations/:id/delete", conversations.erase, {
      params: ConversationParams,
      body: ButtonForm,
    })
    .get(
      "/dashboard/export",
      ({ query: { format = "ndjson" }, request, server }) =>
        exportResponse(store, format, { request, server }, downloads),
      { query: ExportQuery },
    )
    .get("/dashboard/setup", pages.setup)
    .get("/dashboard/settings", settings.read)
    .get("/dashboard/settings/:section", settings.read, { params: SettingsParams })
    .post("/dashboard/settings/:section", settings.submit, {
      params: SettingsParams,
      body: SettingsForm,
    })
    .get(EVENTS_PATH, ({ request, server, session }) => {
      const isStillAllowed = async () => (await sessions.find(session.token, false)) !== undefined;
      const options = { feed: chat.activity, heartbeatIntervalMs, isStillAllowed };
      return eventResponse(options, { request, server });
    })
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
