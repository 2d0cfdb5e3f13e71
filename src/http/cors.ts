import { cors as elysiaCors } from "@elysiajs/cors";
import { Elysia } from "elysia";

import { namesOf } from "./key-headers.ts";
import type { OriginGate } from "./origin-gate.ts";

const ALLOWED_HEADERS = [
  "content-type",
  "authorization",
  ...namesOf("widget"),
  ...namesOf("admin"),
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

/**
 * Refuses an Origin that is neither on the list nor the server's own before anything else looks at the
 * request, and lets the browser read the answer when it is. A request without an Origin is not a browser's cross-site call.
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
        // The function form, because the plugin looks strings up in a plain object, where
        // `Origin: constructor` is found; and never true without an Origin, which it answers with `*`.
        origin: (request) => {
          const origin = request.headers.get("origin");
          return origin !== null && gate.isAllowed(origin, request);
        },
        methods: ["GET", "POST", "DELETE"],
        allowedHeaders: ALLOWED_HEADERS,
        exposeHeaders: EXPOSED_HEADERS,
        credentials: false,
        maxAge: PREFLIGHT_MAX_AGE_SECONDS,
      }),
    );
}
