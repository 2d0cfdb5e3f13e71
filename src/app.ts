import { type AnyElysia, Elysia } from "elysia";

import { adminRoutes } from "./admin/routes.ts";
import { assetRoutes } from "./assets/routes.ts";
import { chatRoutes } from "./chat/routes.ts";
import { ChatService } from "./chat/service.ts";
import { createSessionTokens } from "./chat/session-tokens.ts";
import { type Advice, adviseOn } from "./config/advice.ts";
import type { Config } from "./config/config.ts";
import { dashboardAssetRoutes } from "./dashboard/asset-routes.ts";
import { createErrorPage } from "./dashboard/error-page.ts";
import { dashboardLoginRoutes } from "./dashboard/login-routes.ts";
import { dashboardRoutes } from "./dashboard/routes.ts";
import { createSessionCookie, OwnerSessions } from "./dashboard/session.ts";
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
import { cutOffSlowReaders } from "./http/slow-readers.ts";
import type { Metrics } from "./metrics/metrics.ts";
import type { ModelLifetime } from "./model/lifetime.ts";
import type { ChatModel } from "./model/model.ts";
import { healthRoutes } from "./operations/health.ts";
import { metricsRoutes } from "./operations/metrics.ts";
import { openApiRoute } from "./operations/openapi.ts";
import type { Peers } from "./peers/peers.ts";
import type { LoopWatch } from "./runtime/event-loop-watch.ts";
import type { Logger } from "./runtime/logger.ts";
import { StoreSpace } from "./store/space.ts";
import type { Store } from "./store/store.ts";

/** What the server stands on; parts.ts has the real ones. */
export interface Parts {
  readonly store: Store;
  readonly model: ChatModel;
  readonly peers: Peers;
  readonly limiter: RateLimiter;
  readonly loop: LoopWatch;
  readonly metrics: Metrics;
  readonly log: Logger;
  /** What was noticed while the settings were read; the dashboard shows it. */
  readonly advice?: readonly Advice[];
  /** Signs session tokens; made at the first start and kept in the store. */
  readonly sessionSecret: string;
  /** When the model ends, for the dashboard; what no provider says is not known. */
  readonly modelEndsAt?: ModelLifetime | undefined;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Where a request comes from; the server's own knowledge unless a test says otherwise. */
  readonly peerAddress?: PeerAddress;
}

/** Exports and long threads that the owner reads at once: each holds a page of them in memory. */
const MAX_DOWNLOADS = 16;
const DAY_MS = 24 * 60 * 60 * 1000;

/** The whole server, in the order a request meets it. The chat service is returned to be drained. */
export function createApp(config: Config, parts: Parts) {
  const { store, log, limiter, metrics, now } = parts;
  const downloads = new Places(MAX_DOWNLOADS);
  const space = new StoreSpace({ store, maxBytes: config.database.maxBytes, log });
  const chat = new ChatService({ ...parts, config, space });
  const ttlMs = config.turns.sessionTtlDays * DAY_MS;
  const sessions = createSessionTokens({ secret: parts.sessionSecret, ttlMs, now });
  const password = config.keys.dashboardPassword;
  const owner = {
    sessions: password === undefined ? undefined : new OwnerSessions({ store, password, now }),
    cookie: createSessionCookie(config.server),
  };
  const link = createLink(config.server.basePath);
  const gate = new OriginGate({ config, limiter, log, now });
  const proxy = watchForProxy({ config, log, now });
  const advise = async () =>
    adviseOn({
      config,
      advice: parts.advice ?? [],
      hasUntrustedProxy: proxy.evidence.isFound,
      modelEndsAt: await parts.modelEndsAt?.(),
      now: now(),
      databaseShare: await space.look(),
      searchBuiltShare: await store.searchBuiltShare(),
    });
  // Functions with types of their own: both look at the app that is still being built.
  const peerOf: PeerAddress = (request) => app.server?.requestIP(request)?.address;
  const routes = (): readonly Route[] => app.routes;

  const app = new Elysia({
    normalize: false,
    // Otherwise the router looks for the path after the 11th character, past a short Host.
    handler: { standardHostname: false },
    // Bun's own router takes the path as it was sent, where `/v1/admin/conversations/..\..\..\health`
    // is a conversation. The checks take that of request.url, where it is /health, which has no limit.
    systemRouter: false,
  })
    .use(settleRequestUrl(config.server.basePath))
    .use(securityHeaders(config.server))
    .use(requestContext({ config, peerAddress: parts.peerAddress ?? peerOf }))
    .use(errorHandler({ log, metrics, routes, errorPage: createErrorPage(link) }))
    .use(cutOffSlowReaders())
    .use(requestLog({ log, now }))
    .use(requestMetrics({ metrics, routes }))
    .use(proxy.plugin)
    .use(refuseCrossSite({ gate, limiter }))
    .use(countRequests({ config, limiter, metrics }))
    .use(cors(gate))
    .use(refuseExcess())
    .use(bodyLimit())
    .use(healthRoutes({ isDraining: () => chat.isDraining, pingStore: () => store.ping() }))
    .use(chatRoutes({ store, config, chat, sessions, metrics }))
    .use(adminRoutes({ config, store, downloads, chat }))
    .use(dashboardAssetRoutes())
    .use(dashboardLoginRoutes({ config, link, limiter, metrics, log, now, ...owner }))
    .use(dashboardRoutes({ config, link, store, downloads, chat, now, advise, ...owner }))
    .use(metricsRoutes({ config, metrics, store, runningTurns: () => chat.runningTurns }))
    .use(assetRoutes({ config, link }))
    .use(openApiRoute((): AnyElysia => app, config.server));

  return { app, chat };
}

export type App = ReturnType<typeof createApp>["app"];
