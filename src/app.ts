import { type AnyElysia, Elysia } from "elysia";

import { answerRoutes } from "./admin/answer-routes.ts";
import { knowledgeRoutes } from "./admin/knowledge-routes.ts";
import { adminRoutes } from "./admin/routes.ts";
import { takeoverRoutes } from "./admin/takeover-routes.ts";
import { assetRoutes } from "./assets/routes.ts";
import { widgetSettingsRoute } from "./assets/widget-settings-routes.ts";
import { createSessionCounter } from "./chat/ask-for-person.ts";
import { chatRoutes } from "./chat/routes.ts";
import { ChatService } from "./chat/service.ts";
import { createSessionTokens } from "./chat/session-tokens.ts";
import { type Advice, adviseOn } from "./config/advice.ts";
import type { Config } from "./config/config.ts";
import { dashboardAssetRoutes } from "./dashboard/asset-routes.ts";
import { createClaimPage } from "./dashboard/claim-page.ts";
import { dashboardClaimRoutes } from "./dashboard/claim-routes.ts";
import { createErrorPage } from "./dashboard/error-page.ts";
import { frontPage } from "./dashboard/front-page.ts";
import { createLoginPage } from "./dashboard/login-page.ts";
import { dashboardLoginRoutes } from "./dashboard/login-routes.ts";
import { ChosenPassword, createSetPassword } from "./dashboard/owner-password.ts";
import { PAGE_HEADERS } from "./dashboard/page.ts";
import { createOverHttps } from "./dashboard/plain-http.ts";
import { dashboardRoutes } from "./dashboard/routes.ts";
import { createSessionCookie, OwnerSessions } from "./dashboard/session.ts";
import type { CreateModel } from "./dashboard/settings/model-trials.ts";
import { bodyLimit } from "./http/body-limit.ts";
import { cors } from "./http/cors.ts";
import { refuseCrossSite } from "./http/cross-site.ts";
import { errorHandler } from "./http/error-handler.ts";
import { createLink } from "./http/link.ts";
import { OriginGate } from "./http/origin-gate.ts";
import { Places } from "./http/places.ts";
import { watchForProxy } from "./http/proxy-evidence.ts";
import { countRequests, refuseExcess } from "./http/rate-limit.ts";
import type { RateLimiter } from "./http/rate-limiter.ts";
import { type PeerAddress, requestContext } from "./http/request-context.ts";
import { requestLog } from "./http/request-log.ts";
import { requestMetrics } from "./http/request-metrics.ts";
import { settleRequestUrl } from "./http/request-url.ts";
import type { Route } from "./http/route-pattern.ts";
import { securityHeaders } from "./http/security-headers.ts";
import { Sightings } from "./http/sightings.ts";
import { cutOffSlowReaders } from "./http/slow-readers.ts";
import type { Learner } from "./knowledge/learner.ts";
import { createRoom } from "./knowledge/room.ts";
import type { Metrics } from "./metrics/metrics.ts";
import type { ModelLifetime } from "./model/lifetime.ts";
import type { ModelInForce } from "./model/model-in-force.ts";
import type { Outbox } from "./notices/outbox.ts";
import { healthRoutes } from "./operations/health.ts";
import { metricsRoutes } from "./operations/metrics.ts";
import { openApiRoute } from "./operations/openapi.ts";
import type { Peers } from "./peers/peers.ts";
import { Ratings } from "./people/ratings.ts";
import { Requests } from "./people/requests.ts";
import { createTakeovers } from "./people/takeovers.ts";
import { createProofCheck } from "./proof/require-proof.ts";
import type { RedactionInForce } from "./redaction/redaction.ts";
import { derived } from "./runtime/derived.ts";
import type { LoopWatch } from "./runtime/event-loop-watch.ts";
import type { Logger } from "./runtime/logger.ts";
import { DAY_MS } from "./runtime/time.ts";
import type { OwnerSettings } from "./settings/owner-settings.ts";
import { RefusedOrigins } from "./settings/refused-origins.ts";
import { adviseOnIgnored } from "./settings/usable-settings.ts";
import type { Spending } from "./spending/spending.ts";
import { StoreSpace } from "./store/space.ts";
import type { Store } from "./store/store.ts";
import type { Grounder } from "./turns/grounder.ts";

/** Everything that the server is built from. parts.ts creates the real parts; tests pass their own. */
export interface Parts {
  readonly store: Store;
  /** What the owner has set, and the settings in force. */
  readonly settings: OwnerSettings;
  readonly model: ModelInForce;
  readonly grounder: Grounder;
  /** Counts what the model costs. */
  readonly spending: Spending;
  /** What is taken out of the texts of visitors and models. */
  readonly redaction: RedactionInForce;
  /** Makes a model that the owner tries before it is in force. */
  readonly createModel: CreateModel;
  readonly peers: Peers;
  readonly limiter: RateLimiter;
  readonly loop: LoopWatch;
  /** Reads the owner's pages in the background. */
  readonly learner: Learner;
  /** What the owner is notified of. */
  readonly outbox: Outbox;
  readonly metrics: Metrics;
  readonly log: Logger;
  /** Advice from reading the settings; the dashboard shows it. */
  readonly advice?: readonly Advice[];
  /** Signs session tokens. Created at the first start and kept in the store. */
  readonly sessionSecret: string;
  /** When the provider shuts the model down, for the dashboard. Missing: no provider says so. */
  readonly modelEndsAt?: ModelLifetime | undefined;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Finds the address of a request's connection. Missing: the listening server is asked. */
  readonly peerAddress?: PeerAddress;
}

/** How many exports and long threads may be read at once: each holds one page in memory. */
const MAX_DOWNLOADS = 16;

/** The whole server, in the order a request meets it. The caller drains the returned chat service. */
export function createApp(parts: Parts) {
  const config: Config = parts.settings.config;
  const { store, spending, peers, log, limiter, metrics, now } = parts;
  const downloads = new Places(MAX_DOWNLOADS);
  const space = new StoreSpace({ store, maxBytes: config.database.maxBytes, log });
  const chat = new ChatService({ ...parts, config, space });
  const publish = chat.publish.bind(chat);
  const people = { config, store, metrics, publish, now };
  const ratings = new Ratings(people);
  const requests = new Requests({ ...people, countSession: createSessionCounter(limiter) });
  chat.activity.onAny(() => parts.outbox.wake());
  spending.onNoted(() => parts.outbox.wake());
  parts.settings.config.onChange(() => {
    // Open pages of the dashboard show settings, too.
    chat.activity.missed();
    if (!spending.isOff) return;
    chat.abortAll("off");
    spending.cutOffMetered();
  });
  // What the owner tries is counted, too.
  const tried = {
    model: derived(parts.model, (model) => spending.metered(model, () => config.model)),
    createModel: async (...[wanted, notify]: Parameters<CreateModel>) =>
      spending.metered(await parts.createModel(wanted, notify), () => wanted),
  };
  const ttlMs = config.turns.sessionTtlDays * DAY_MS;
  const sessions = createSessionTokens({ secret: parts.sessionSecret, ttlMs, now });
  const requireProof = createProofCheck({ ...parts, config, spending });
  const link = createLink(config.server.basePath);
  const { dashboardPassword } = config.keys;
  const chosen = new ChosenPassword(store);
  const password = dashboardPassword === undefined ? chosen : createSetPassword(dashboardPassword);
  const { isSetting } = password;
  const overHttps = createOverHttps(config.server, link);
  const loginPage = createLoginPage({ link, isSetting, overHttps });
  const owner = {
    sessions: new OwnerSessions({ store, password, now }),
    cookie: createSessionCookie(config.server),
  };
  const attempts = { config, link, limiter, metrics, log, now };
  const claiming = { store, chosen, claimPage: createClaimPage(link, overHttps) };
  const refused = new RefusedOrigins({ store, config, log, now });
  const sightings = new Sightings({ store, log, now });
  const gate = new OriginGate({ config, limiter, refused, sightings, log, now });
  const proxy = watchForProxy({ config, log, now });
  const curation = {
    store,
    config,
    hasRoom: createRoom({ store, maxBytes: () => config.database.maxBytes }),
    onDue: () => parts.learner.look(),
    now,
  };
  const takeovers = createTakeovers({ store, chat, defaultName: () => config.people.name, now });
  parts.outbox.serve(takeovers);
  const advise = async () =>
    adviseOn({
      config,
      advice: [...(parts.advice ?? []), ...adviseOnIgnored(parts.settings.ignored)],
      hasUntrustedProxy: proxy.evidence.isFound,
      modelEndsAt: await parts.modelEndsAt?.(),
      now: now(),
      databaseShare: await space.look(),
      searchBuiltShare: await store.searchBuiltShare(),
      replicaCount: (await peers.replicas()).length,
    });
  // Their types are written out because both refer to `app`, whose type is still being inferred here.
  const peerOf: PeerAddress = (request) => app.server?.requestIP(request)?.address;
  const routes = (): readonly Route[] => app.routes;

  const app = new Elysia({
    normalize: false,
    // By default the router looks for the path after the 11th character, which misses a short Host.
    handler: { standardHostname: false },
    // Bun's own router uses the path as it was sent, so `/v1/admin/conversations/..\..\..\health` reads a
    // conversation. Our checks use request.url, where the same path is /health, which has no rate limit.
    systemRouter: false,
  })
    .use(settleRequestUrl(config.server.basePath))
    .use(securityHeaders(config.server))
    .use(requestContext({ config, peerAddress: parts.peerAddress ?? peerOf }))
    .use(
      errorHandler({
        log,
        metrics,
        routes,
        errorPage: createErrorPage({ link, loginPage, isSetting }),
        now,
      }),
    )
    .use(cutOffSlowReaders())
    .use(requestLog({ log, now }))
    .use(requestMetrics({ metrics, routes }))
    .use(proxy.plugin)
    .use(refuseCrossSite({ gate, limiter }))
    .use(countRequests({ config, limiter, metrics }))
    .use(cors(gate))
    .use(refuseExcess())
    .use(bodyLimit())
    .use(healthRoutes({ isLeaving: () => chat.isLeaving, store, peers: parts.peers }))
    .use(chatRoutes({ ...parts, config, chat, ratings, requests, sessions, requireProof }))
    .use(adminRoutes({ config, store, peers, downloads, chat, requests, now }))
    .use(takeoverRoutes({ config, takeovers }))
    .use(knowledgeRoutes(curation))
    .use(answerRoutes(curation))
    .use(dashboardAssetRoutes())
    .use(dashboardClaimRoutes({ ...claiming, ...attempts, ...owner }))
    .use(dashboardLoginRoutes({ loginPage, ...attempts, ...owner }))
    .use(
      dashboardRoutes({
        ...parts,
        ...tried,
        ...owner,
        ...curation,
        chosen,
        link,
        downloads,
        chat,
        requests,
        takeovers,
        refused,
        sightings,
        advise,
      }),
    )
    .use(metricsRoutes({ config, metrics, store, spending, runningTurns: () => chat.runningTurns }))
    .use(
      assetRoutes({
        config,
        link,
        onScript: (request) => gate.noteScript(request),
        frontPage: { html: `${frontPage(link)}`, headers: PAGE_HEADERS },
      }),
    )
    .use(widgetSettingsRoute(config))
    .use(openApiRoute((): AnyElysia => app, config.server));

  return { app, chat };
}

export type App = ReturnType<typeof createApp>["app"];
