import type { ChatService } from "../../chat/service.ts";
import type { Advice } from "../../config/advice.ts";
import type { Config } from "../../config/config.ts";
import type { Link } from "../../http/link.ts";
import { listUnanswered } from "../../knowledge/unanswered.ts";
import { failingChannels } from "../../notices/set-up.ts";
import type { LocalDays } from "../../runtime/local-days.ts";
import { DAY_MS } from "../../runtime/time.ts";
import type { OwnerSettings } from "../../settings/owner-settings.ts";
import type { RefusedOrigins } from "../../settings/refused-origins.ts";
import { dayText } from "../../spending/periods.ts";
import type { ConversationStore } from "../../store/conversation-store.ts";
import type { KnowledgeStore } from "../../store/knowledge-store.ts";
import type { NoticeStore } from "../../store/notice-store.ts";
import type { SpendingStore } from "../../store/spending-store.ts";
import type { FigureStore } from "../../store/store.ts";
import type { UnansweredStore } from "../../store/unanswered-store.ts";
import type { GettingStarted } from "../getting-started-now.ts";
import type { Html } from "../html.ts";
import type { Session } from "../session.ts";
import { type ReadSpendingDeps, readSpendingNow } from "../spending/spending-now.ts";
import { type Chosen, figuresSince } from "./choice.ts";
import { LATEST_COUNT } from "./latest.ts";
import { NAMED_REQUESTS, UNANSWERED_LOOKED_AT } from "./needs.ts";
import { overviewPage } from "./overview-page.ts";

export interface OverviewDeps {
  readonly link: Link;
  readonly store: ConversationStore &
    FigureStore &
    Pick<KnowledgeStore, "listSources"> &
    Pick<UnansweredStore, "listUnanswered" | "listSettled"> &
    Pick<NoticeStore, "channelStates"> &
    Pick<SpendingStore, "spentByDay"> &
    ReadSpendingDeps["store"];
  readonly config: Pick<Config, "notices"> & ReadSpendingDeps["config"];
  readonly settings: Pick<OwnerSettings, "ignored">;
  readonly spending: ReadSpendingDeps["spending"];
  readonly refused: Pick<RefusedOrigins, "list">;
  readonly gettingStarted: () => Promise<GettingStarted>;
  readonly chat: Pick<ChatService, "activity" | "runningTurns">;
  /** The advice for the owner, the worst first. */
  readonly advise: () => Promise<readonly Advice[]>;
  /** The days of the owner's time zone. */
  readonly days: LocalDays;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

interface OverviewRequest {
  readonly request: Request;
  readonly session: Session;
  readonly chosen: Chosen;
}

/** Reads what the overview shows. The page is made of the state before anything that is published later. */
export async function showOverview(deps: OverviewDeps, asked: OverviewRequest): Promise<Html> {
  const { link, store, config, settings, refused, gettingStarted, chat, advise, days, now } = deps;
  const { request, session, chosen } = asked;
  const { published } = chat.activity;
  const today = days.dayOf(now()) * DAY_MS;
  const since = figuresSince(today, chosen.period);
  const figures = await store.dailyFigures(since, today);
  const beginnings = await (await gettingStarted()).view(request, session, figures);
  const sources = await store.listSources();
  return overviewPage({
    link,
    session,
    chosen,
    beginnings: beginnings.list,
    nextStep: beginnings.next,
    figures,
    spent: await store.spentByDay(dayText(since / DAY_MS), dayText(today / DAY_MS)),
    spending: await readSpendingNow(deps),
    ignored: settings.ignored,
    runningTurns: chat.runningTurns,
    published,
    latest: await store.listConversations({ limit: LATEST_COUNT }),
    advice: await advise(),
    brokenSources: sources.filter(({ error }) => error !== undefined).length,
    failingChannels: await failingChannels(config.notices, store),
    wanted: await store.listConversations({ limit: NAMED_REQUESTS, mark: "wanted" }),
    unanswered: await listUnanswered(store, UNANSWERED_LOOKED_AT),
    refused: (await refused.list()).map(({ origin }) => origin),
    now: now(),
    today,
    timeZone: days.zone,
  });
}
