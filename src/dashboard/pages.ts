import type { ChatService } from "../chat/service.ts";
import type { Advice } from "../config/advice.ts";
import type { Config } from "../config/config.ts";
import type { Link } from "../http/link.ts";
import type { Sightings } from "../http/sightings.ts";
import { listUnanswered } from "../knowledge/unanswered.ts";
import type { Peers } from "../peers/peers.ts";
import type { LocalDays } from "../runtime/local-days.ts";
import { DAY_MS } from "../runtime/time.ts";
import type { OwnerSettings } from "../settings/owner-settings.ts";
import type { RefusedOrigins } from "../settings/refused-origins.ts";
import type { ConversationStore } from "../store/conversation-store.ts";
import type { KnowledgeStore } from "../store/knowledge-store.ts";
import type { FigureStore, StoreHealth } from "../store/store.ts";
import type { UnansweredStore } from "../store/unanswered-store.ts";
import type { GettingStarted } from "./getting-started-now.ts";
import { figuresSince } from "./overview/days.ts";
import { LATEST_COUNT } from "./overview/latest.ts";
import { UNANSWERED_LOOKED_AT } from "./overview/needs.ts";
import { chosenOf } from "./overview/numbers.ts";
import { overviewPage } from "./overview/overview-page.ts";
import { sendPage, type Settable } from "./page.ts";
import { publicAddress } from "./public-address.ts";
import type { OverviewQuery } from "./schema.ts";
import type { Session } from "./session.ts";
import { readOptions } from "./setup/options.ts";
import { setupPage } from "./setup/setup-page.ts";

interface PageHandlersDeps {
  readonly config: Config;
  readonly link: Link;
  readonly store: ConversationStore &
    FigureStore &
    Pick<StoreHealth, "sizeBytes"> &
    Pick<KnowledgeStore, "listSources"> &
    Pick<UnansweredStore, "listUnanswered" | "listDismissed">;
  readonly settings: Pick<OwnerSettings, "keys">;
  readonly refused: Pick<RefusedOrigins, "list">;
  readonly sightings: Pick<Sightings, "list">;
  readonly gettingStarted: GettingStarted;
  readonly peers: Pick<Peers, "replicas">;
  readonly chat: Pick<ChatService, "activity" | "runningTurns">;
  /** The advice for the owner, the worst first. */
  readonly advise: () => Promise<readonly Advice[]>;
  /** The days of the owner's time zone. */
  readonly days: LocalDays;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** The parts of Elysia's context that the handlers use. */
interface PageContext {
  readonly request: Request;
  readonly session: Session;
  readonly set: Settable;
}

interface OverviewContext extends PageContext {
  readonly query: typeof OverviewQuery.static;
}

/**
 * The handlers of the pages about the server. Each destructures its context in the parameter list,
 * because Elysia reads a handler's source to see which parts of the context it needs.
 */
export function createPageHandlers({
  config,
  link,
  store,
  settings,
  refused,
  sightings,
  gettingStarted,
  peers,
  chat,
  advise,
  days,
  now,
}: PageHandlersDeps) {
  return {
    overview: async ({ request, query, session, set }: OverviewContext) => {
      const { published } = chat.activity;
      const today = days.dayOf(now()) * DAY_MS;
      const chosen = chosenOf(query);
      const figures = await store.dailyFigures(figuresSince(today, chosen.period), today);
      const beginnings = await gettingStarted.view(request, session, figures);
      const sources = await store.listSources();
      const page = overviewPage({
        link,
        session,
        chosen,
        beginnings: beginnings.list,
        nextStep: beginnings.next,
        figures,
        runningTurns: chat.runningTurns,
        published,
        latest: await store.listConversations({ limit: LATEST_COUNT }),
        advice: await advise(),
        brokenSources: sources.filter(({ error }) => error !== undefined).length,
        unanswered: await listUnanswered(store, UNANSWERED_LOOKED_AT),
        refusedWebsites: (await refused.list()).length,
        today,
        timeZone: days.zone,
      });
      return sendPage(set, page);
    },
    setup: async ({ request, session, set }: PageContext) => {
      const query = new URL(request.url).searchParams;
      const { fields, problems } = readOptions(query);
      if (Object.keys(problems).length > 0) set.status = 400;
      const page = setupPage({
        link,
        session,
        config,
        fields,
        problems,
        publicUrl: publicAddress(request, config.server),
        widgetKey: settings.keys.newest() ?? "",
        advice: await advise(),
        replicas: await peers.replicas(),
        databaseBytes: await store.sizeBytes(),
        site: query.get("site")?.trim() ?? "",
        seen: await sightings.list(),
        refused: await refused.list(),
      });
      return sendPage(set, page);
    },
  };
}
