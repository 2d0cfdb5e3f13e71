import type { ChatService } from "../chat/service.ts";
import type { Advice } from "../config/advice.ts";
import type { Config } from "../config/config.ts";
import { settingsInForce } from "../config/groups.ts";
import type { Link } from "../http/link.ts";
import type { Peers } from "../peers/peers.ts";
import { DAY_MS } from "../runtime/time.ts";
import type { ConversationStore } from "../store/conversation-store.ts";
import type { FigureStore, StoreHealth } from "../store/store.ts";
import { OVERVIEW_DAYS, overviewPage } from "./overview-page.ts";
import { sendPage, type Settable } from "./page.ts";
import { readWidget } from "./schema.ts";
import type { Session } from "./session.ts";
import { setupPage } from "./setup-page.ts";

interface PageHandlersDeps {
  readonly config: Config;
  readonly link: Link;
  readonly store: ConversationStore & FigureStore & Pick<StoreHealth, "sizeBytes">;
  readonly peers: Pick<Peers, "replicas">;
  readonly chat: Pick<ChatService, "activity" | "runningTurns">;
  /** The advice for the owner, the worst first. */
  readonly advise: () => Promise<readonly Advice[]>;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** The parts of Elysia's context that the handlers use. */
interface OverviewContext {
  readonly session: Session;
  readonly set: Settable;
}

interface SetupContext extends OverviewContext {
  readonly request: Request;
}

/**
 * The handlers of the pages about the server. Each destructures its context in the parameter list,
 * because Elysia reads a handler's source to see which parts of the context it needs.
 */
export function createPageHandlers({
  config,
  link,
  store,
  peers,
  chat,
  advise,
  now,
}: PageHandlersDeps) {
  return {
    overview: async ({ session, set }: OverviewContext) => {
      const { published } = chat.activity;
      const to = now();
      const figures = await store.dailyFigures(to - (OVERVIEW_DAYS - 1) * DAY_MS, to);
      const { total: totalConversations } = await store.listConversations({ limit: 1 });
      const { runningTurns } = chat;
      const figuresNow = { figures, runningTurns, totalConversations, published, now: to };
      return sendPage(set, overviewPage({ link, session, advice: await advise(), ...figuresNow }));
    },
    setup: async ({ request, session, set }: SetupContext) => {
      const { fields, problems } = readWidget(request.url);
      const hasProblem = Object.values(problems).some((problem) => problem !== undefined);
      if (hasProblem) set.status = 400;
      const page = setupPage({
        link,
        session,
        fields,
        problems,
        publicUrl: config.server.publicUrl ?? addressOf(request, config.server),
        widgetKey: config.keys.widget[0] ?? "",
        advice: await advise(),
        replicas: await peers.replicas(),
        databaseBytes: await store.sizeBytes(),
        settings: settingsInForce(config),
      });
      return sendPage(set, page);
    },
  };
}

/** The address that the owner opened. In production it is https, because TLS ends at the proxy. */
function addressOf({ url }: Request, { environment }: Config["server"]): string {
  const { host, protocol } = new URL(url);
  return `${environment === "production" ? "https:" : protocol}//${host}`;
}
