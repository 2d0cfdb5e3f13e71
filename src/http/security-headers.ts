import { Elysia } from "elysia";

import type { Hsts, ServerSettings } from "../config/server.ts";

/** For answers that are data: nothing may be loaded, run or framed. Pages override it with their own. */
const DATA_CSP = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/**
 * Headers that every answer carries, also errors, preflights and streams (contract section 3).
 * Cache-Control starts as no-store, so that forgetting it can only be too strict.
 */
export function securityHeaders(server: Pick<ServerSettings, "environment" | "hsts">) {
  const headers: Record<string, string> = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
    "content-security-policy": DATA_CSP,
    "cache-control": "no-store",
    // Other sites' pages hold no window of ours, and load nothing of ours past CORS; the widget's script and /health say otherwise.
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
  };
  const strictTransport = strictTransportSecurity(server);
  if (strictTransport !== undefined) headers["strict-transport-security"] = strictTransport;
  return new Elysia({ name: "security-headers" }).onRequest(({ set }) => {
    Object.assign(set.headers, headers);
  });
}

const YEAR = "max-age=31536000";
const STRICT_TRANSPORT: Readonly<Record<Hsts, string | undefined>> = {
  subdomains: `${YEAR}; includeSubDomains`,
  host: YEAR,
  off: undefined,
};

/** The value of Strict-Transport-Security (RFC 6797); undefined where it is not sent. */
export function strictTransportSecurity({
  environment,
  hsts,
}: Pick<ServerSettings, "environment" | "hsts">): string | undefined {
  return environment === "production" ? STRICT_TRANSPORT[hsts] : undefined;
}
