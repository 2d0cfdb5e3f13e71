import "../property-seed.ts";
import { describe, expect, test } from "bun:test";

import fc from "fast-check";

import { startStopwatch } from "../../harness/stopwatch.ts";
import { readPageRules, readRobots } from "../../src/crawl/robots.ts";

function allowed(robots: string, path: string): boolean {
  return readRobots(robots, "chatporch").allows(new URL(path, "https://example.com"));
}

const all = (...rules: string[]) => ["User-agent: *", ...rules].join("\n");

describe("the rules of robots.txt", () => {
  test.each([
    ["", "/anything", true],
    [all("Disallow:"), "/a", true],
    [all("Disallow: /"), "/a", false],
    [all("Disallow: /"), "/robots.txt", true],
    [all("Disallow: /private"), "/private-matters", false],
    [all("Disallow: /private/"), "/private", true],
    // The examples of RFC 9309, section 5.2: the longest rule counts, and of equal ones the one that allows.
    [
      all("Allow: /example/page/", "Disallow: /example/page/disallowed.gif"),
      "/example/page/",
      true,
    ],
    [
      all("Allow: /example/page/", "Disallow: /example/page/disallowed.gif"),
      "/example/page/disallowed.gif",
      false,
    ],
    [all("Disallow: /a", "Allow: /a"), "/a", true],
    [all("Allow: /a/b", "Disallow: /a"), "/a/b/c", true],
    [all("Disallow: /*.php"), "/x/y.php?z", false],
    [all("Disallow: /*.php$"), "/x/y.php", false],
    [all("Disallow: /*.php$"), "/x/y.php?z", true],
    [all("Disallow: /*.php$"), "/x/y.php.php", false],
    [all("Disallow: /a*b*c"), "/a1b2c3", false],
    [all("Disallow: /a*b*c"), "/a1c2b3", true],
    [all("Disallow: /a$"), "/a", false],
    [all("Disallow: /a$"), "/ab", true],
    [all("Disallow: *"), "/a", false],
    [all("Disallow: /ab*bc$"), "/abc", true],
    [all("Disallow: /*?sort="), "/list?sort=up", false],
    // Case counts in paths, percent signs do not.
    [all("Disallow: /A"), "/a", true],
    [all("Disallow: /%7Euser"), "/~user", false],
    [all("Disallow: /caf%c3%a9"), "/café", false],
    [all("Disallow: /café"), "/caf%C3%A9", false],
    [all("Disallow: /a%2Fb"), "/a/b", true],
    [all("Disallow: /a # a comment"), "/a", false],
    ["# c\r\nUSER-AGENT:*\r\ndisallow:/a\r\n", "/a", false],
    ["\uFEFFUser-agent: *\nDisallow: /a", "/a", false],
    // A rule before any group belongs to nobody.
    ["Disallow: /a\nUser-agent: *\nDisallow: /b", "/a", true],
  ])("%j: %s is allowed: %p", (robots, path, isAllowed) => {
    expect(allowed(robots, path)).toBe(isAllowed);
  });

  test("are those of the groups that name the crawler, all of them together", () => {
    const robots =
      "User-agent: *\nDisallow: /\n\nUser-agent: Other\nUser-agent: ChatPorch/2.0\nDisallow: /a\n\n" +
      "User-agent: chatporch\nDisallow: /b";
    expect(["/a", "/b", "/c"].map((path) => allowed(robots, path))).toEqual([false, false, true]);
  });

  test("of other crawlers do not count", () => {
    expect(allowed("User-agent: Googlebot\nDisallow: /", "/a")).toBe(true);
    expect(allowed("User-agent: chatporchbot\nDisallow: /", "/a")).toBe(true);
  });

  test("stay those of one group when a line between its names is not known", () => {
    expect(allowed("User-agent: chatporch\nFoo: bar\nUser-agent: other\nDisallow: /", "/a")).toBe(
      false,
    );
  });

  test("come with a delay and with sitemaps", () => {
    const robots = readRobots(
      "Sitemap: https://example.com/one.xml\nUser-agent: *\nCrawl-delay: 2.5\nsitemap: /two.xml",
      "chatporch",
    );
    expect(robots.delayMs).toBe(2500);
    expect(robots.sitemaps).toEqual(["https://example.com/one.xml", "/two.xml"]);
    expect(readRobots(all("Crawl-delay: soon"), "chatporch").delayMs).toBeUndefined();
  });

  test("are judged quickly, whatever their pattern", () => {
    const robots = readRobots(all(`Disallow: /${"*a".repeat(2000)}b$`), "chatporch");
    const stopwatch = startStopwatch();
    for (let round = 0; round < 100; round++) {
      robots.allows(new URL(`https://example.com/${"a".repeat(1900)}`));
    }
    expect(stopwatch()).toBeLessThan(1000);
  });

  test("are read from any text", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.webPath(), (text, path) => {
        const robots = readRobots(all(text), "chatporch");
        expect(typeof robots.allows(new URL(`https://example.com${path}`))).toBe("boolean");
      }),
    );
  });
});

describe("what a page says about itself", () => {
  test.each([
    ["", false, false],
    ["noindex", true, false],
    ["NoIndex, NoFollow", true, true],
    ["none", true, true],
    ["index, follow", false, false],
    ["googlebot: noindex", false, false],
    ["googlebot: noindex, nofollow", false, false],
    ["chatporch: noindex", true, false],
    ["otherbot: noindex, chatporch: nofollow", false, true],
    ["unavailable_after: 25 Jun 2026 15:00:00 PST, noindex", true, false],
    ["max-snippet: 20, nofollow", false, true],
  ])("%j: hidden %p, links hidden %p", (text, isHidden, hidesLinks) => {
    expect(readPageRules(text, "chatporch")).toEqual({ isHidden, hidesLinks });
  });
});
