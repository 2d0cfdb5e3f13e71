import type { ChatService } from "../chat/service.ts";
import type { Advice } from "../config/advice.ts";
import type { Config } from "../config/config.ts";
import { settingsInForce } from "../config/groups.ts";
import type { Link } from "../http/link.ts";
import type { Peers } from "../peers/peers.ts";
import { DAY_MS } from "../runtime/time.ts";
import type { OwnerSettings } from "../settings/owner-settings.ts";
import type { ConversationStore } from "../store/conversation-store.ts";
import type { KnowledgeStore } from "../store/knowledge-store.ts";
import type { FigureStore, StoreHealth } from "../store/store.ts";
import type { GettingStarted } from "./getting-started-now.ts";
import { OVERVIEW_DAYS, overviewPage } from "./overview-page.ts";
import { sendPage, type Settable } from "./page.ts";
import { publicAddress } from "./public-address.ts";
import { readWidget } from "./schema.ts";
import type { Session } from "./session.ts";
import { setupPage } from "./setup-page.ts";

interface PageHandlersDeps {
  readonly config: Config;
  readonly link: Link;
  readonly store: ConversationStore &
    FigureStore &
    Pick<StoreHealth, "sizeBytes"> &
    Pick<KnowledgeStore, "listSources">;
  readonly settings: Pick<OwnerSettings, "keys">;
  readonly gettingStarted: GettingStarted;
  readonly peers: Pick<Peers, "replicas">;
  readonly chat: Pick<ChatService, "activity" | "runningTurns">;
  /** The advice for the owner, the worst first. */
  readonly advise: () => Promise<readonly Advice[]>;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** The parts of Elysia's context that the handlers use. */
interface PageContext {
  readonly request: Request;
  readonly session: Session;
  readonly set: Settable;
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
  gettingStarted,
  peers,
  chat,
  advise,
  now,
}: PageHandlersDeps) {
  return {
    overview: async ({ request, session, set }: PageContext) => {
      const { published } = chat.activity;
      const to = now();
      const figures = await store.dailyFigures(to - (OVERVIEW_DAYS - 1) * DAY_MS, to);
      const { total: totalConversations } = await store.listConversations({ limit: 1 });
      const { runningTurns } = chat;
      const sources = await store.listSources();
      const brokenSources = sources.filter(({ error }) => error !== undefined).length;
      const totals = { runningTurns, totalConversations, brokenSources };
      const figuresNow = { figures, ...totals, published, now: to };
      const beginnings = await gettingStarted.view(request, session, figures);
      const advice = await advise();
      return sendPage(set, overviewPage({ link, session, beginnings, advice, ...figuresNow }));
    },
    setup: async ({ request, session, set }: PageContext) => {
      const { fields, problems } = readWidget(request.url);
      const hasProblem = Object.values(problems).some((problem) => problem !== undefined);
      if (hasProblem) set.status = 400;
      const page = setupPage({
        link,
        session,
        fields,
        problems,
        publicUrl: publicAddress(request, config.server),
        widgetKey: settings.keys.newest() ?? "",
        advice: await advise(),
        replicas: await peers.replicas(),
        databaseBytes: await store.sizeBytes(),
        settings: settingsInForce(config),
      });
      return sendPage(set, page);
    },
  };
}
