import { describe, expect, test } from "bun:test";

import { PoliteFetch } from "../../src/crawl/polite-fetch.ts";
import type { Fetched, FetchedNothing } from "../../src/crawl/safe-fetch.ts";

const PAGE = new URL("https://example.com/");

function nothing(
  kind: FetchedNothing["kind"],
  status?: number,
  retryAfterMs?: number,
): FetchedNothing {
  return { kind, url: PAGE, reason: `${kind} ${status}`, status, retryAfterMs };
}

/** A site that gives these answers one after the other, and the last one again and again. */
function siteOf(answers: readonly Fetched[], pauseMs = 0) {
  /** Milliseconds from now to each request. */
  const askedAt: number[] = [];
  const began = performance.now();
  const stop = new AbortController();
  const site = new PoliteFetch({
    fetch: () => {
      askedAt.push(performance.now() - began);
      return Promise.resolve(answers[askedAt.length - 1] ?? answers.at(-1) ?? nothing("gone"));
    },
    pauseMs,
    signal: stop.signal,
  });
  return { site, askedAt, stop };
}

describe("a website", () => {
  test("is asked with a pause between the beginnings of two requests", async () => {
    const { site, askedAt } = siteOf([nothing("gone", 404)], 30);
    await Promise.all([site.ask(PAGE), site.ask(PAGE), site.ask(PAGE)]);
    expect(askedAt[1]).toBeGreaterThanOrEqual(30);
    expect(askedAt[2]).toBeGreaterThanOrEqual(60);
  });

  test.each([
    [40, 80],
    [0, 40],
  ])("that wants requests to be %p ms apart gets three in %p ms", async (delayMs, least) => {
    const { site, askedAt } = siteOf([nothing("gone", 404)], 1000);
    site.keepApart(delayMs);
    await Promise.all([site.ask(PAGE), site.ask(PAGE), site.ask(PAGE)]);
    expect(askedAt[2]).toBeGreaterThanOrEqual(least);
  });

  test("that is asked too often is left alone, and asked again", async () => {
    const { site, askedAt } = siteOf([nothing("failed", 429, 50), nothing("unchanged")]);
    expect((await site.ask(PAGE)).kind).toBe("unchanged");
    expect(askedAt[1]).toBeGreaterThanOrEqual(50);
  });

  test("is asked three times at most for one page", async () => {
    const { site, askedAt } = siteOf([nothing("failed", 503, 1)]);
    expect((await site.ask(PAGE)).kind).toBe("failed");
    expect(askedAt).toHaveLength(3);
  });

  test("is down after ten failures in a row, and not after ten refusals", async () => {
    const { site } = siteOf([
      ...Array.from({ length: 12 }, () => nothing("failed", 403)),
      nothing("failed", 500),
    ]);
    for (let asked = 0; asked < 21; asked++) await site.ask(PAGE);
    expect(site.downReason).toBeUndefined();
    await site.ask(PAGE);
    expect(site.downReason).toBe("failed 500");
  });

  test("is not waited for any longer when the crawl is stopped", async () => {
    const { site, stop, askedAt } = siteOf([nothing("failed", 503, 60_000)]);
    const asked = site.ask(PAGE);
    while (askedAt.length === 0) await Bun.sleep(1);
    stop.abort();
    expect((await asked).kind).toBe("failed");
  });
});
