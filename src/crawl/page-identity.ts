import { DAY_MS } from "../runtime/time.ts";
import type { KnownPage } from "./crawl-request.ts";
import type { PageToRead } from "./frontier.ts";
import type { NoTextOutcome } from "./page-outcome.ts";
import type { Site } from "./site.ts";

/** Why a page has no text of its own. */
export type Reason = Pick<NoTextOutcome, "kind" | "reason">;

/** Why the page to which one redirects is not read. Undefined: it is one of the site. */
export function whyElsewhere({ scope, robots }: Site, url: URL, target: URL): Reason | undefined {
  if (target.href === url.href) return undefined;
  const to = `It redirects to ${target.href}`;
  if (!scope.has(target)) {
    return { kind: "skipped", reason: `${to}, which does not belong to this source.` };
  }
  if (!robots.allows(target)) {
    return { kind: "skipped", reason: `${to}, which robots.txt does not allow.` };
  }
  return undefined;
}

/** The address under which a page wants to be known, if that is another one of this site. */
export function canonicalOf(
  { scope }: Site,
  url: URL,
  canonical: string | undefined,
): URL | undefined {
  const other = canonical === undefined ? undefined : scope.find(canonical, url);
  if (other === undefined || other.href === url.href) return undefined;
  // By mistake, many sites name their front page on every page.
  const isFront = other.pathname === "/" || other.href === scope.start.href;
  return isFront && other.pathname !== url.pathname ? undefined : other;
}

/** For so long, a sitemap that says that nothing has changed is believed. */
const SITEMAP_TRUST_MS = 7 * DAY_MS;

/** Whether the sitemap says that the page is as it was when it was looked at. A day is left for its time zone. */
export function isFresh({ changedAt }: PageToRead, known: KnownPage, now: number): boolean {
  if (changedAt === undefined || !known.hasText) return false;
  return changedAt + DAY_MS < known.checkedAt && now - known.checkedAt < SITEMAP_TRUST_MS;
}
