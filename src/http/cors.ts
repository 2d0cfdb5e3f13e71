import { cors as elysiaCors } from "@elysiajs/cors";
import { Elysia } from "elysia";

import { namesOf } from "./key-headers.ts";
import type { OriginGate } from "./origin-gate.ts";
import { contextOf } from "./request-context.ts";

const ALLOWED_HEADERS = [
  "content-type",
  "authorization",
  ...namesOf("widget"),
  ...namesOf("admin"),
  "x-session-token",
  "idempotency-key",
  "x-proof",
  "last-event-id",
];

const EXPOSED_HEADERS = [
  "x-request-id",
  "x-session-token",
  "retry-after",
  "ratelimit",
  "ratelimit-policy",
];

/** How long a browser may cache a preflight, in seconds. Chromium allows no more. */
const PREFLIGHT_MAX_AGE_SECONDS = 7200;

/**
 * Refuses an Origin that is neither in CORS_ORIGIN nor the server's own, before the request is processed. For an
 * allowed Origin, it lets the browser read the answer. A request without an Origin is not a cross-site call of a
 * browser.
 *
 * What is for all websites says so with `*`: some proxies keep one answer for all origins, and would give a website the
 * one that names another.
 */
export function cors(gate: OriginGate) {
  return new Elysia({ name: "cors" })
    .onRequest(async ({ request }) => {
      const origin = request.headers.get("origin");
      if (origin === null || gate.isAllowed(origin, request)) return;
      throw await gate.refusal(origin, request);
    })
    .use(
      elysiaCors({
        // A function, because the plugin looks up strings in a plain object, where `Origin: constructor` would
        // be found. It never returns true without an Origin, because the plugin would then answer with `*`.
        origin: (request) => {
          const origin = request.headers.get("origin");
          return origin !== null && gate.isAllowed(origin, request);
        },
        methods: ["GET", "POST", "PUT", "DELETE"],
        allowedHeaders: ALLOWED_HEADERS,
        exposeHeaders: EXPOSED_HEADERS,
        credentials: false,
        maxAge: PREFLIGHT_MAX_AGE_SECONDS,
      }),
    )
    .onRequest(({ request, set }) => {
      if (contextOf(request).area.isForAll) set.headers["access-control-allow-origin"] = "*";
    });
}
