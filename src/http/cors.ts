import { cors as elysiaCors } from "@elysiajs/cors";
import { Elysia } from "elysia";

import type { Config } from "../config/config.ts";
import { AppError } from "../errors.ts";
import type { Logger } from "../logger.ts";
import { createOriginCheck, createOwnOriginCheck, isDashboardPath } from "./origin.ts";
import { contextOf } from "./request-context.ts";

const ALLOWED_HEADERS = [
  "content-type",
  "authorization",
  "x-api-key",
  "x-widget-api-key",
  "x-admin-api-key",
  "x-session-token",
  "idempotency-key",
  "last-event-id",
];

const EXPOSED_HEADERS = [
  "x-request-id",
  "x-session-token",
  "retry-after",
  "ratelimit",
  "ratelimit-policy",
];

/** How long a browser may remember a preflight: Chromium's upper bound, in seconds. */
const PREFLIGHT_MAX_AGE_SECONDS = 7200;

interface CorsDeps {
  readonly config: Pick<Config, "environment" | "corsOrigins" | "publicUrl">;
  readonly log: Logger;
}

/** An Origin header has a scheme, a host and a port; more is not one, and not worth a log's space. */
const MAX_LOGGED_ORIGIN_LENGTH = 300;
/** Anybody can send any origin, and a log is not theirs to fill. */
const MAX_TOLD_ORIGINS = 100;

/**
 * Refuses an Origin that is neither on the list nor the server's own before anything else looks at the
 * request, and lets the browser read the answer when it is. A request without an Origin is not a browser's cross-site call.
 */
export function cors({ config, log }: CorsDeps) {
  const isListed = createOriginCheck(config.corsOrigins);
  const isOwn = createOwnOriginCheck({
    publicUrl: config.publicUrl,
    hasDemoPage: config.environment === "development",
  });
  const isAllowed = (origin: string, request: Request) => {
    const { path } = contextOf(request);
    if (isOwn(origin, { path, url: request.url })) return true;
    return !isDashboardPath(path) && isListed(origin);
  };
  const told = new Set<string>();

  /** The owner's question when the widget stays silent: which website is missing in CORS_ORIGIN? */
  function tellOnce(origin: string): void {
    if (told.has(origin) || told.size === MAX_TOLD_ORIGINS) return;
    told.add(origin);
    log.warn("origin refused", { origin: origin.slice(0, MAX_LOGGED_ORIGIN_LENGTH) });
  }

  return new Elysia({ name: "cors" })
    .onRequest(({ request, set }) => {
      const origin = request.headers.get("origin");
      if (origin === null || isAllowed(origin, request)) return;
      set.headers.vary = "Origin";
      tellOnce(origin);
      throw new AppError("origin_not_allowed");
    })
    .use(
      elysiaCors({
        // The function form, because the plugin looks strings up in a plain object, where
        // `Origin: constructor` is found; and never true without an Origin, which it answers with `*`.
        origin: (request) => {
          const origin = request.headers.get("origin");
          return origin !== null && isAllowed(origin, request);
        },
        methods: ["GET", "POST", "DELETE"],
        allowedHeaders: ALLOWED_HEADERS,
        exposeHeaders: EXPOSED_HEADERS,
        credentials: false,
        maxAge: PREFLIGHT_MAX_AGE_SECONDS,
      }),
    );
}
