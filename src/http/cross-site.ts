import { Elysia } from "elysia";

import { AppError } from "../errors.ts";
import type { OriginGate } from "./origin-gate.ts";
import { isCounted } from "./rate-limit.ts";
import type { RateLimiter } from "./rate-limiter.ts";
import { contextOf } from "./request-context.ts";
import { spareConnection } from "./spare-connection.ts";

interface CrossSiteDeps {
  readonly gate: OriginGate;
  readonly limiter: RateLimiter;
}

/**
 * Refuses requests that another site's page made the browser send, before they are counted. Otherwise that page
 * could use up the rate limit of an owner or a visitor, start exports and searches, and take places.
 *
 * Over TLS and on localhost, browsers name the source in Sec-Fetch-Site. Old browsers and programs do not send
 * it and are not refused here, because no other header is reliable: a page can suppress its Referer. For them,
 * the cookie's SameSite=Lax and the check of Origin remain.
 */
export function refuseCrossSite({ gate, limiter }: CrossSiteDeps) {
  return new Elysia({ name: "cross-site" }).onRequest(async ({ request, set }) => {
    const refusal = await crossSiteRefusal(request, gate);
    if (refusal === undefined) return;
    set.headers.vary = "Origin";
    await spareConnection(limiter, request, set);
    throw refusal;
  });
}

async function crossSiteRefusal(request: Request, gate: OriginGate): Promise<AppError | undefined> {
  const site = request.headers.get("sec-fetch-site");
  // `none`: a typed address, a bookmark or a reload.
  if (site === null || site === "same-origin" || site === "none") return undefined;
  if (!isCounted(request)) return undefined;
  const origin = request.headers.get("origin");
  if (origin !== null) {
    return gate.isAllowed(origin, request) ? undefined : gate.refusal(origin, request);
  }
  const { area } = contextOf(request);
  if (area.isDashboard) {
    const isHarmless = isLink(request) && isPlainPage(request);
    return isHarmless ? undefined : new AppError("cross_site");
  }
  const isApiCall = request.headers.get("sec-fetch-mode") === "cors";
  const isReading = isLink(request) && area.budget !== "admin";
  return isApiCall || isReading ? undefined : new AppError("origin_not_allowed");
}

/** Whether somebody followed a link, for example in a mail. Frames, images and forms are not links. */
function isLink({ headers, method }: Request): boolean {
  const isPage =
    headers.get("sec-fetch-mode") === "navigate" && headers.get("sec-fetch-dest") === "document";
  return isPage && method === "GET";
}

/** Whether this is a page that starts no costly work. A search has a query. */
function isPlainPage(request: Request): boolean {
  return !request.url.includes("?") && !contextOf(request).area.beginsWork;
}
