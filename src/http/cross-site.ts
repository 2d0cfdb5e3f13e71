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
 * Refuses what another site's page makes a browser ask, before it counts for whoever sits there: it
 * would use up the budget of the owner or a visitor, start exports and searches, and take places.
 *
 * A browser says in Sec-Fetch-Site who asks, over TLS and on localhost. Old ones and programs say nothing and
 * are not refused here: nothing else says it reliably, for a page can leave out its Referer. There the
 * cookie's SameSite=Lax and the check of Origin remain.
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
  // `none`: typed, a bookmark, or a page that was loaded anew.
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

/** A link that somebody followed, as from a mail: not a frame, an image or a form. */
function isLink({ headers, method }: Request): boolean {
  const isPage =
    headers.get("sec-fetch-mode") === "navigate" && headers.get("sec-fetch-dest") === "document";
  return isPage && method === "GET";
}

/** A page that starts no work; what searches has a query. */
function isPlainPage(request: Request): boolean {
  return !request.url.includes("?") && !contextOf(request).area.beginsWork;
}
