import type { CrawlDeps, CrawlRequest } from "./crawl-request.ts";
import { UnreadableSiteError } from "./page-outcome.ts";
import { PoliteFetch } from "./polite-fetch.ts";
import { refuseType } from "./read-page.ts";
import { NO_ROBOTS, type Robots } from "./robots.ts";
import type { Fetched } from "./safe-fetch.ts";
import { isSameSite, Scope } from "./scope.ts";
import { fetchRobots } from "./site-files.ts";
import { readWebAddress } from "./web-address.ts";

/** A website whose rules are known. */
export interface Site {
  readonly scope: Scope;
  readonly robots: Robots;
  readonly fetch: PoliteFetch;
}

const PAUSE_MS = 200;

/**
 * Reads the rules of a site and asks for the page at which it begins, which may redirect to where the site is now.
 * @throws UnreadableSiteError when it cannot be read at all
 */
export async function enterSite(
  request: CrawlRequest,
  deps: CrawlDeps,
): Promise<{ site: Site; start: Fetched }> {
  const { isOnePage = false, only, signal } = request;
  const { url, refusal } = readWebAddress(request.address);
  if (url === undefined) throw new UnreadableSiteError(refusal);
  const fetch = new PoliteFetch({ fetch: deps.fetch, pauseMs: deps.pauseMs ?? PAUSE_MS, signal });
  const rulesOf = ({ origin }: URL) =>
    request.ignoresRobots ? Promise.resolve(NO_ROBOTS) : fetchRobots(origin, fetch);

  const named = { scope: scopeOf(url, only), robots: await rulesOf(url) };
  if (!named.robots.allows(url)) throw new UnreadableSiteError(FORBIDDEN);
  const known = isOnePage ? await deps.known(url.href) : undefined;
  const { etag, lastModified } = known?.hasText ? known : {};
  const start = await fetch.ask(url, { etag, lastModified, refuseType });
  if (signal.aborted) throw new UnreadableSiteError("The reading was stopped.");
  if (!isOnePage && start.kind !== "page") throw new UnreadableSiteError(start.reason);

  const scope =
    start.url.href === url.href ? named.scope : named.scope.movedTo(start.url, isOnePage);
  if (scope === undefined) {
    throw new UnreadableSiteError(
      `${url.href} redirects to ${start.url.href}. If that is yours, add it instead.`,
    );
  }
  const hasMoved = start.url.origin !== url.origin;
  const robots = hasMoved ? await rulesOf(start.url) : named.robots;
  if (!robots.allows(start.url)) throw new UnreadableSiteError(FORBIDDEN);
  if (robots.delayMs !== undefined) fetch.keepApart(robots.delayMs);
  return { site: { scope, robots, fetch }, start };
}

/** @param only an address, or the beginning of a path */
function scopeOf(start: URL, only: string | undefined): Scope {
  if (only === undefined) return new Scope(start);
  const { url, refusal } = readWebAddress(only, start);
  if (url === undefined) throw new UnreadableSiteError(`What is to be read of it: ${refusal}`);
  if (!isSameSite(url, start)) {
    throw new UnreadableSiteError(`${url.href} is not a part of ${start.href}.`);
  }
  return new Scope(start, url.pathname + url.search);
}

const FORBIDDEN =
  "The website's robots.txt does not allow it. If the website is yours, you can say that this does not count.";
