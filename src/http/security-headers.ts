import { Elysia } from "elysia";

import type { Hsts, ServerSettings } from "../config/server.ts";

/** The policy for data: nothing may be loaded, run or framed. Pages override it with their own policy. */
const DATA_CSP = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/**
 * Sets the headers of every answer, including errors, preflights and streams (contract section 3). The default
 * Cache-Control is no-store, so a route that forgets to set it is only too strict.
 */
export function securityHeaders(server: Pick<ServerSettings, "environment" | "hsts">) {
  const headers: Record<string, string> = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
    "content-security-policy": DATA_CSP,
    "cache-control": "no-store",
    // Pages of other sites get no reference to our windows and load nothing of ours without CORS. The widget's
    // script and /health override this.
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

/** The value of Strict-Transport-Security (RFC 6797). Undefined: the header is not sent. */
export function strictTransportSecurity({
  environment,
  hsts,
}: Pick<ServerSettings, "environment" | "hsts">): string | undefined {
  return environment === "production" ? STRICT_TRANSPORT[hsts] : undefined;
}
