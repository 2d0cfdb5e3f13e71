import { afterEach, describe, expect, test } from "bun:test";
import { gzipSync } from "node:zlib";

import type { KnownPage } from "../../src/crawl/crawl-request.ts";
import { crawlSite } from "../../src/crawl/crawl-site.ts";
import type { CrawlEvent } from "../../src/crawl/page-outcome.ts";
import { CrawledSite, htmlPage, redirect, type SitePage } from "../support/crawled-site.ts";

const sites: CrawledSite[] = [];
afterEach(async () => {
  for (const site of sites.splice(0)) await site.stop();
});

function serve(pages: Readonly<Record<string, SitePage>>): CrawledSite {
  const site = new CrawledSite(pages);
  sites.push(site);
  return site;
}

interface Options {
  readonly path?: string;
  readonly only?: string;
  readonly isOnePage?: boolean;
  readonly ignoresRobots?: boolean;
  readonly fullPages?: number;
  /** By path. */
  readonly known?: Readonly<Record<string, Partial<KnownPage>>>;
  readonly now?: number;
}

function events(site: CrawledSite, options: Options = {}) {
  const { path = "/", known = {}, now = Date.now(), ...request } = options;
  const paths = Object.keys(known);
  return crawlSite(
    { address: site.origin + path, signal: new AbortController().signal, ...request },
    {
      fetch: site.safeFetch(2000),
      pauseMs: 0,
      now: () => now,
      known: (address) => {
        const found = known[address.slice(site.origin.length)];
        const page = { etag: undefined, lastModified: undefined, checkedAt: now, hasText: true };
        return Promise.resolve(found && { ...page, ...found });
      },
      async *knownAddresses() {
        for (const each of paths) yield await Promise.resolve(site.origin + each);
      },
    },
  );
}

/** What was found out, in short: `read /a A title`, `skipped /b why`. */
async function crawl(site: CrawledSite, options: Options = {}): Promise<string[]> {
  const lines: string[] = [];
  for await (const event of events(site, options)) lines.push(inShort(event, site));
  return lines;
}

function inShort(event: CrawlEvent, site: CrawledSite): string {
  if (event.kind === "ended")
    return `ended ${event.isWhole ? "whole" : "in part"} ${event.note ?? ""}`;
  const path = event.address.replace(site.origin, "");
  if (event.kind === "read") return `read ${path} ${event.document.title}`;
  if (event.kind === "unchanged") return `unchanged ${path}${event.isAsked ? "" : " unasked"}`;
  return `${event.kind} ${path} ${event.reason.replaceAll(site.origin, "")}`;
}

async function failureOf(site: CrawledSite, options: Options = {}): Promise<string> {
  const error = await crawl(site, options).catch((reason: unknown) => reason);
  if (!(error instanceof Error)) return expect.unreachable("The site was read.");
  return error.message.replaceAll(site.origin, "");
}

const LINKED = {
  "/": htmlPage("Home", "Welcome to all of you.", ["/a", "/b#part", "https://other.test/", "/"]),
  "/a": htmlPage("A", "The text of the first page.", ["/c", "b", "/shop.zip", "mailto:x@y.test"]),
  "/b": htmlPage("B", "The text of the second page."),
  "/c": htmlPage("C", "The text of the third page."),
};

describe("a site without a sitemap", () => {
  test("is read along its links, breadth first, each page once", async () => {
    const site = serve(LINKED);
    expect(await crawl(site)).toEqual([
      "read / Home",
      "read /a A",
      "read /b B",
      "read /c C",
      "ended in part ",
    ]);
    expect(site.asked).toEqual(["/", "/a", "/b", "/c"]);
  });

  test("is read under the address that the owner names, or under another one that he wants", async () => {
    const site = serve({
      "/docs/": htmlPage("Docs", "Welcome to all of you.", ["/docs/a", "/blog/a", "/docs/de/b"]),
      "/docs/a": htmlPage("A", "The text of the first page."),
      "/docs/de/b": htmlPage("B", "The text of the second page."),
    });
    expect(await crawl(site, { path: "/docs/" })).toEqual([
      "read /docs/ Docs",
      "read /docs/a A",
      "read /docs/de/b B",
      "ended in part ",
    ]);
    expect(await crawl(site, { path: "/docs/", only: `${site.origin}/docs/de/` })).toEqual([
      "read /docs/ Docs",
      "read /docs/de/b B",
      "ended in part ",
    ]);
  });

  test("is asked in full, since an unchanged page would hide the links of one that was cut off", async () => {
    const site = serve({
      ...LINKED,
      "/a": { body: LINKED["/a"], headers: { etag: '"1"' } },
    });
    const lines = await crawl(site, { known: { "/a": { etag: '"1"' } } });
    expect(lines).toContain("read /a A");
    expect(lines).toContain("read /c C");
  });

  test("is also asked for the pages to which no link leads any more", async () => {
    const site = serve({ ...LINKED, "/orphan": htmlPage("Orphan", "Nobody links to this page.") });
    const lines = await crawl(site, { known: { "/a": {}, "/orphan": {}, "/lost": {} } });
    expect(lines.slice(-3)).toEqual([
      "read /orphan Orphan",
      "gone /lost The server says that it does not exist (404).",
      "ended in part ",
    ]);
  });

  test("with endless links has an end", async () => {
    const site = serve({ "/": htmlPage("Home", "Welcome to all of you.", ["/1", "/list?page=0"]) });
    for (let day = 1; day <= 30; day++) {
      site.set({ [`/${day}`]: htmlPage(`Day ${day}`, "Nothing is planned.", [`/${day + 1}`]) });
    }
    for (let page = 0; page <= 100; page++) {
      const next = [`/list?page=${page + 1}`, `/list?page=${page + 1}&sort=up`];
      site.set({ [`/list?page=${page}`]: htmlPage(`Page ${page}`, "Some of all things.", next) });
    }
    const lines = await crawl(site);
    expect(lines.filter((line) => line.startsWith("read /list"))).toHaveLength(10);
    expect(
      lines.filter((line) => line.startsWith("read / ") || /^read \/\d/.test(line)),
    ).toHaveLength(11);
  });

  test("with broken relative links has an end", async () => {
    const site = serve({});
    const page = htmlPage("Loop", "It goes on and on.", ["a/b/"]);
    let path = "/";
    for (let depth = 0; depth < 20; depth++, path += "a/b/") site.set({ [path]: page });
    expect((await crawl(site)).filter((line) => line.startsWith("read"))).toHaveLength(3);
  });
});

describe("a site with a sitemap", () => {
  test("is read by it, and no link is followed", async () => {
    const site = serve({ ...LINKED, "/hidden": htmlPage("Hidden", "The sitemap names it alone.") });
    site.setSitemap(["/hidden", "/b", "https://other.test/x", "/gone", "/"]);
    expect(await crawl(site)).toEqual([
      "read / Home",
      "read /hidden Hidden",
      "read /b B",
      "gone /gone The server says that it does not exist (404).",
      "ended whole ",
    ]);
  });

  test("asks only whether pages have changed", async () => {
    const site = serve({
      ...LINKED,
      "/a": { body: LINKED["/a"], headers: { etag: '"1"' } },
      "/b": { body: LINKED["/b"], headers: { etag: '"2"' } },
    });
    site.setSitemap(["/a", "/b"]);
    const known = { "/a": { etag: '"1"' }, "/b": { etag: '"1"' } };
    expect(await crawl(site, { known })).toEqual([
      "read / Home",
      "unchanged /a",
      "read /b B",
      "ended whole ",
    ]);
    expect(await crawl(site, { known, fullPages: 1 })).toContain("read /a A");
    expect(await crawl(site, { known: { "/a": { etag: '"1"', hasText: false } } })).toContain(
      "read /a A",
    );
  });

  test("need not ask for pages that have not changed, says the sitemap, for a week", async () => {
    const site = serve(LINKED);
    site.setSitemap(["/a", "/b", "/c"], "2026-11-01");
    const day = (date: number) => Date.UTC(2026, 10, date);
    const known = {
      "/a": { checkedAt: day(20) },
      "/b": { checkedAt: day(2) },
      "/c": { checkedAt: day(10) },
    };
    expect(await crawl(site, { known, now: day(21) })).toEqual([
      "read / Home",
      "unchanged /a unasked",
      "read /b B",
      "read /c C",
      "ended whole ",
    ]);
  });

  test("may have an index of sitemaps, packed ones and a place of its own", async () => {
    const site = serve(LINKED);
    const packed = gzipSync(`<urlset><url><loc>${site.origin}/a</loc></url></urlset>`);
    site.set({
      "/robots.txt": { body: `Sitemap: ${site.origin}/sitemaps/all.xml` },
      "/sitemaps/all.xml": {
        body: `<sitemapindex><sitemap><loc>${site.origin}/sitemap-1.xml.gz</loc></sitemap><sitemap><loc>${site.origin}/sitemap-2.txt</loc></sitemap><sitemap><loc>${site.origin}/sitemaps/all.xml</loc></sitemap></sitemapindex>`,
      },
      "/sitemap-1.xml.gz": {
        body: new Uint8Array(packed),
        headers: { "content-type": "application/gzip" },
      },
      "/sitemap-2.txt": { body: `${site.origin}/c\n` },
      "/sitemap.xml": { body: "not this one" },
    });
    expect(await crawl(site)).toEqual(["read / Home", "read /a A", "read /c C", "ended whole "]);
  });

  test("is not thought to be whole when one of its sitemaps cannot be read now", async () => {
    const site = serve(LINKED);
    site.set({
      "/sitemap.xml": {
        body: `<sitemapindex><sitemap><loc>${site.origin}/sitemap-1.xml</loc></sitemap><sitemap><loc>${site.origin}/sitemap-2.xml</loc></sitemap></sitemapindex>`,
      },
      "/sitemap-1.xml": { body: `<urlset><url><loc>${site.origin}/a</loc></url></urlset>` },
      "/sitemap-2.xml": { status: 500 },
    });
    expect(await crawl(site)).toEqual(["read / Home", "read /a A", "ended in part "]);
  });

  test("is held in memory one sitemap after the other", async () => {
    const site = serve(LINKED);
    const asked: string[] = [];
    site.set({
      "/robots.txt": {
        body: `User-agent: *\nDisallow: /c\nSitemap: ${site.origin}/1.txt\nSitemap: ${site.origin}/2.txt`,
      },
      "/1.txt": { body: `${site.origin}/c\n` },
      "/2.txt": { body: `${site.origin}/a\n` },
    });
    for await (const event of events(site))
      asked.push(inShort(event, site), ...site.asked.splice(0));
    expect(asked.join("; ")).toMatch(/skipped \/c .*; \/2.txt; read \/a A/);
  });

  test("lets other work run while its addresses are judged", async () => {
    const site = serve(LINKED);
    const rules = Array.from(
      { length: 5000 },
      (_, index) => `Disallow: /${"*a".repeat(40)}${index}b$`,
    );
    site.set({ "/robots.txt": { body: ["User-agent: *", ...rules].join("\n") } });
    site.setSitemap(Array.from({ length: 200 }, (_, index) => `/${index}${"a".repeat(1900)}`));
    let turns = 0;
    const timer = setInterval(() => turns++, 0);
    for await (const event of events(site)) if (event.kind === "gone") break;
    clearInterval(timer);
    expect(turns).toBeGreaterThan(50);
  });

  test("is read along its links when the sitemap is a bomb", async () => {
    const site = serve(LINKED);
    const bomb = new Uint8Array(gzipSync(Buffer.alloc(50_000_000, " ")));
    site.set({ "/sitemap.xml": { body: bomb, headers: { "content-type": "application/gzip" } } });
    expect(await crawl(site)).toHaveLength(5);
  });
});

describe("a site with llms-full.txt", () => {
  test("has the text of its pages from there, and the others from the sitemap", async () => {
    const site = serve(LINKED);
    const { origin } = site;
    site.set({
      "/llms-full.txt": {
        body: `# A in Markdown\nSource: ${origin}/a\n\nThe text of the first page.\n# Elsewhere\nSource: https://other.test/\n\nNo.`,
        headers: { "content-type": "text/plain" },
      },
    });
    site.setSitemap(["/a", "/b"]);
    expect(await crawl(site)).toEqual([
      "read /a A in Markdown",
      "read / Home",
      "read /b B",
      "ended whole ",
    ]);
    expect(site.asked).toEqual(["/", "/b"]);
  });

  test("is not taken for one when it answers everything with a page", async () => {
    const site = serve(LINKED);
    site.set({ "/llms-full.txt": htmlPage("Home", `Source: ${site.origin}/x`) });
    expect(await crawl(site)).toHaveLength(5);
  });
});

describe("robots.txt", () => {
  const rules = { body: "User-agent: *\nDisallow: /b", headers: { "content-type": "text/plain" } };

  test("is obeyed, and the owner is told", async () => {
    const site = serve({ ...LINKED, "/robots.txt": rules, "/a": redirect("/b") });
    expect(await crawl(site)).toEqual([
      "skipped /b The website's robots.txt does not allow it.",
      "read / Home",
      "skipped /a It redirects to /b, which robots.txt does not allow.",
      "ended in part ",
    ]);
  });

  test("does not count when the owner says so", async () => {
    const site = serve({ ...LINKED, "/robots.txt": rules });
    expect(await crawl(site, { ignoresRobots: true })).toContain("read /b B");
  });

  test("that forbids the whole site ends the reading with a way out", async () => {
    const site = serve({ ...LINKED, "/robots.txt": { body: "User-agent: *\nDisallow: /" } });
    expect(await failureOf(site)).toStartWith("The website's robots.txt does not allow it. If");
    expect(site.asked).toEqual([]);
  });

  test.each([
    [404, true],
    [403, true],
    [500, false],
    [429, false],
  ])("that answers with %p lets the site be read: %p", async (status, isRead) => {
    const headers = { "retry-after": "0" };
    const site = serve({ ...LINKED, "/robots.txt": { status, headers } });
    if (isRead) expect(await crawl(site)).toContain("read /b B");
    else expect(await failureOf(site)).toStartWith("The website's robots.txt cannot be read now.");
    expect(site.asked.length > 0).toBe(isRead);
  });

  test("that cannot be asked for, as nothing else can, is not what the owner is told about", async () => {
    const site = serve(LINKED);
    await site.stop();
    expect(await failureOf(site)).toBe("Nothing listens at this address.");
  });
});

describe("a page", () => {
  test.each<[string, SitePage, string]>([
    [
      "that hides itself",
      `<meta name="robots" content="noindex"><p>${"Secret words. ".repeat(20)}`,
      "skipped /a The page says that it is not to be found (noindex).",
    ],
    [
      "that its server hides",
      { body: htmlPage("A", "Secret words."), headers: { "x-robots-tag": "noindex" } },
      "skipped /a The page says that it is not to be found (noindex).",
    ],
    [
      "that the server refuses",
      { status: 403 },
      "failed /a The server refuses it (403). Does it refuse bots?",
    ],
    [
      "that is a file",
      { body: "%PDF", headers: { "content-type": "application/pdf" } },
      "skipped /a It is a PDF. The command “chatporch learn FILE” reads it.",
    ],
    [
      "that is a picture",
      { body: "GIF89a", headers: { "content-type": "image/gif" } },
      "skipped /a It is not a page of text (image/gif).",
    ],
    [
      "that leads out",
      redirect("https://other.test/x"),
      "skipped /a It redirects to https://other.test/x, which does not belong to this source.",
    ],
    ["that is too large", { body: "a ".repeat(2_600_000) }, "skipped /a It is larger than 5 MB."],
    ["that leads in circles", redirect("/a"), "failed /a It redirects more than 5 times."],
    [
      "that is made by JavaScript",
      '<div id="root"></div><script src="/app.js"></script>',
      "empty /a There is no text in it",
    ],
    [
      "that is in another character set than its server says",
      {
        body: new Uint8Array(Buffer.from("<title>Größe</title><p>Die Größe zählt.", "latin1")),
        headers: { "content-type": "text/html; charset=windows-1252" },
      },
      "read /a Größe",
    ],
    [
      "of Markdown",
      { body: "# Title\n\nText here.", headers: { "content-type": "text/markdown" } },
      "read /a Title",
    ],
  ])("%s", async (_what, page, expected) => {
    const site = serve({ "/": htmlPage("Home", "Welcome to all of you.", ["/a"]), "/a": page });
    const lines = await crawl(site);
    expect(lines).toHaveLength(3);
    expect(lines[1]).toStartWith(expected);
  });

  test("whose links are not to be followed leads nowhere", async () => {
    const site = serve({
      ...LINKED,
      "/": { body: LINKED["/"], headers: { "x-robots-tag": "nofollow" } },
    });
    expect(await crawl(site)).toEqual(["read / Home", "ended in part "]);
  });

  test("that redirects inside of the site is read once, under its new address", async () => {
    const site = serve({ ...LINKED, "/a": redirect("/c"), "/b": redirect("/c") });
    expect(await crawl(site)).toEqual(["read / Home", "read /c C", "ended in part "]);
    const again = await crawl(site, { known: { "/b": {} } });
    expect(again).toContain("gone /b It redirects to /c.");
  });

  test("that has another address for itself is read under that, unless it is the front page's", async () => {
    const site = serve({
      ...LINKED,
      "/": htmlPage("Home", "Welcome to all of you.", ["/a?from=home", "/b"]),
      "/a?from=home": `<link rel="canonical" href="/a">${LINKED["/a"]}`,
      "/b": `<link rel="canonical" href="/">${LINKED["/b"]}`,
    });
    expect(await crawl(site)).toEqual([
      "read / Home",
      "read /b B",
      "read /c C",
      "read /a A",
      "ended in part ",
    ]);
  });
});

describe("an address that a page names as its own", () => {
  const withCanonical = (page: string, canonical: string) =>
    `<link rel="canonical" href="${canonical}">${page}`;

  test("hides no page when it leads back, or in circles, or to what may not be read", async () => {
    const site = serve({
      "/robots.txt": { body: "User-agent: *\nDisallow: /private" },
      "/": htmlPage("Home", "Welcome to all of you.", ["/a", "/b", "/d"]),
      "/a": withCanonical(LINKED["/b"], "/a/"),
      "/a/": redirect("/a"),
      "/b": withCanonical(LINKED["/b"], "/c"),
      "/c": withCanonical(LINKED["/c"], "/b"),
      "/d": withCanonical(htmlPage("D", "The text of the fourth page."), "/private/d"),
    });
    expect(await crawl(site)).toEqual([
      "read / Home",
      "read /d D",
      "read /a B",
      "read /c C",
      "ended in part ",
    ]);
  });
});

describe("a site that cannot be read", () => {
  test.each<[string, SitePage, string]>([
    ["does not exist", { status: 404 }, "The server says that it does not exist (404)."],
    ["fails", { status: 500 }, "The server answers with status 500."],
    ["refuses", { status: 403 }, "The server refuses it (403). Does it refuse bots?"],
    [
      "leads inside of the network",
      redirect("http://router.test/"),
      "It redirects to http://router.test/. router.test leads to 10.0.0.1",
    ],
    ["is a file", { headers: { "content-type": "application/pdf" } }, "It is a PDF."],
  ])("because it %s has a reason in words", async (_what, page, reason) => {
    expect(await failureOf(serve({ "/": page }))).toStartWith(reason);
  });

  test("because it redirects to another part of the site names that part", async () => {
    const site = serve({
      "/docs/": redirect("/manual/"),
      "/manual/": htmlPage("M", "Some text here."),
    });
    expect(await failureOf(site, { path: "/docs/" })).toBe(
      "/docs/ redirects to /manual/. If that is yours, add it instead.",
    );
  });

  test("because its address, or that of the part to read, is none of it", async () => {
    const site = serve(LINKED);
    expect(await failureOf(site, { path: "@evil.test/" })).toContain("has a user name");
    expect(await failureOf(site, { only: "https://other.test/a" })).toBe(
      "https://other.test/a is not a part of /.",
    );
  });

  test("any more is left after ten failures in a row", async () => {
    const paths = Array.from({ length: 30 }, (_, index) => `/${index}`);
    const site = serve({ "/": htmlPage("Home", "Welcome to all of you.") });
    for (const path of paths) site.set({ [path]: { status: 500 } });
    site.setSitemap(paths);
    const lines = await crawl(site);
    expect(lines.at(-1)).toBe(
      "ended in part The website has stopped answering, and the rest was not read. The server answers with status 500.",
    );
    expect(site.asked.length).toBeLessThanOrEqual(13);
  });
});

describe("one page", () => {
  test("is read alone", async () => {
    const site = serve(LINKED);
    site.setSitemap(["/c"]);
    expect(await crawl(site, { path: "/a", isOnePage: true })).toEqual([
      "read /a A",
      "ended in part ",
    ]);
  });

  test("may be an llms.txt, which is Markdown whatever the server says", async () => {
    const headers = { "content-type": "text/plain" };
    const site = serve({ "/llms.txt": { body: "# Shop\n\n> We sell umbrellas.", headers } });
    expect((await crawl(site, { path: "/llms.txt", isOnePage: true }))[0]).toBe(
      "read /llms.txt Shop",
    );
  });

  test("may be unchanged, moved or gone", async () => {
    const site = serve({
      "/a": { body: LINKED["/a"], headers: { etag: '"1"' } },
      "/old": redirect("/a"),
    });
    const known = { "/a": { etag: '"1"' } };
    expect(await crawl(site, { path: "/a", isOnePage: true, known })).toEqual([
      "unchanged /a",
      "ended in part ",
    ]);
    expect((await crawl(site, { path: "/old", isOnePage: true }))[0]).toBe("read /a A");
    expect((await crawl(site, { path: "/x", isOnePage: true }))[0]).toStartWith("gone /x");
  });
});

describe("a crawl", () => {
  test("counts the pages that it has looked at and those that it has found", async () => {
    const progress: string[] = [];
    for await (const event of events(serve(LINKED))) {
      if (event.kind !== "ended") progress.push(`${event.progress.read}/${event.progress.total}`);
    }
    expect(progress).toEqual(["1/3", "3/4", "4/4", "4/4"]);
  });

  test("ends when it is stopped, without another word", async () => {
    const site = serve(LINKED);
    const stop = new AbortController();
    const seen: string[] = [];
    const crawled = crawlSite(
      { address: site.origin, signal: stop.signal },
      {
        fetch: site.safeFetch(),
        pauseMs: 60_000,
        now: Date.now,
        known: () => Promise.resolve(undefined),
        async *knownAddresses() {},
      },
    );
    setTimeout(() => stop.abort(), 50);
    await expect(
      (async () => {
        for await (const event of crawled) seen.push(event.kind);
      })(),
    ).rejects.toThrow("The reading was stopped.");
    expect(seen).toEqual([]);
  });
});
