import { Elysia } from "elysia";

import { AppError } from "../errors.ts";
import type { OriginGate } from "./origin-gate.ts";
import { isDashboardPath } from "./origin.ts";
import { isCounted, isOwnersPath } from "./rate-limit.ts";
import { contextOf } from "./request-context.ts";

/**
 * Refuses what another site's page makes a browser ask, before it counts for whoever sits there: it
 * would use up the budget of the owner or a visitor, start exports and searches, and take places.
 *
 * A browser says in Sec-Fetch-Site who asks, over TLS and on localhost. Old ones and programs say nothing and
 * are not refused here: nothing else says it reliably, for a page can leave out its Referer. There the
 * cookie's SameSite=Lax and the check of Origin remain.
 */
export function refuseCrossSite(gate: OriginGate) {
  return new Elysia({ name: "cross-site" }).onRequest(async ({ request }) => {
    const site = request.headers.get("sec-fetch-site");
    // `none`: typed, a bookmark, or a page that was loaded anew.
    if (site === null || site === "same-origin" || site === "none") return;
    if (!isCounted(request)) return;
    const origin = request.headers.get("origin");
    if (origin !== null) {
      if (gate.isAllowed(origin, request)) return;
      throw await gate.refusal(origin, request);
    }
    const { path } = contextOf(request);
    if (isDashboardPath(path)) {
      if (!isLink(request) || !isPlainPage(request, path))
        throw new AppError("cross_site", REFUSED);
      return;
    }
    const isApiCall = request.headers.get("sec-fetch-mode") === "cors";
    const isReading = isLink(request) && !isOwnersPath(path);
    if (!isApiCall && !isReading) throw new AppError("origin_not_allowed", REFUSED);
  });
}

/** As every answer of ours. */
const REFUSED = { headers: { vary: "Origin" } };

/** A link that somebody followed, as from a mail: not a frame, an image or a form. */
function isLink({ headers, method }: Request): boolean {
  const isPage =
    headers.get("sec-fetch-mode") === "navigate" && headers.get("sec-fetch-dest") === "document";
  return isPage && method === "GET";
}

/** A page that starts no work: what searches has a query, and these two begin a download and a stream. */
function isPlainPage({ url }: Request, path: string): boolean {
  return !url.includes("?") && !/^\/dashboard\/(?:export|events)\/?$/.test(path);
}
