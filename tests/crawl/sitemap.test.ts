import { describe, expect, test } from "bun:test";

import { startStopwatch } from "../../harness/stopwatch.ts";
import { MAX_SITEMAP_ENTRIES, readSitemap } from "../../src/crawl/sitemap.ts";

const urlset = (content: string) =>
  `<?xml version="1.0" encoding="UTF-8"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">${content}</urlset>`;

describe("readSitemap", () => {
  test("reads pages with the times of their changes", async () => {
    const sitemap = await readSitemap(
      urlset(`
        <url><loc>https://example.com/</loc><lastmod>2026-01-02</lastmod><priority>1.0</priority></url>
        <url> <loc> https://example.com/a?b=1&amp;c=2 </loc> </url>
        <url><lastmod>2026-01-02T03:04:05+01:00</lastmod><loc><![CDATA[https://example.com/c?d&e]]></loc></url>
        <url><loc>https://example.com/f</loc><lastmod>yesterday</lastmod></url>`),
    );
    expect(sitemap).toEqual({
      sitemaps: [],
      pages: [
        { address: "https://example.com/", changedAt: Date.UTC(2026, 0, 2) },
        { address: "https://example.com/a?b=1&c=2", changedAt: undefined },
        { address: "https://example.com/c?d&e", changedAt: Date.UTC(2026, 0, 2, 2, 4, 5) },
        { address: "https://example.com/f", changedAt: undefined },
      ],
    });
  });

  test("reads an index, and tags with a prefix", async () => {
    const sitemap = await readSitemap(
      '<s:sitemapindex xmlns:s="x"><s:sitemap><s:loc>https://example.com/1.xml.gz</s:loc></s:sitemap></s:sitemapindex>',
    );
    expect(sitemap).toEqual({ pages: [], sitemaps: ["https://example.com/1.xml.gz"] });
  });

  test("takes no address of a picture for one of a page", async () => {
    const sitemap = await readSitemap(
      urlset(
        "<url><loc>https://example.com/a</loc><image:image><image:loc>https://example.com/a.png</image:loc></image:image></url>",
      ),
    );
    expect(sitemap?.pages.map(({ address }) => address)).toEqual(["https://example.com/a"]);
  });

  test("replaces no entity of a document type, and loads nothing", async () => {
    const sitemap = await readSitemap(
      `<!DOCTYPE urlset [<!ENTITY x SYSTEM "file:///etc/passwd"><!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>${urlset(
        "<url><loc>https://example.com/&x;&b;</loc></url>",
      )}`,
    );
    expect(sitemap?.pages.map(({ address }) => address)).toEqual(["https://example.com/&x;&b;"]);
  });

  test("reads a list of addresses, one a line", async () => {
    const sitemap = await readSitemap("https://example.com/a\r\n\nhttps://example.com/b\n");
    expect(sitemap?.pages.map(({ address }) => address)).toEqual([
      "https://example.com/a",
      "https://example.com/b",
    ]);
  });

  test.each(["", "<html><body>Not found</body></html>", "User-agent: *", "{}"])(
    "%j is no sitemap",
    async (text) => {
      expect(await readSitemap(text)).toBeUndefined();
    },
  );

  test("ends after as many entries as the protocol allows", async () => {
    const entries = Array.from(
      { length: MAX_SITEMAP_ENTRIES + 10 },
      (_, index) => `<url><loc>https://example.com/${index}</loc></url>`,
    );
    const sitemap = await readSitemap(urlset(entries.join("")));
    expect(sitemap?.pages).toHaveLength(MAX_SITEMAP_ENTRIES);
  });

  test.each([
    ["tags that never end", "<url".repeat(500_000)],
    ["elements that never end", "<url><loc>".repeat(200_000)],
    ["a very long address", `<url><loc>${"a".repeat(2_000_000)}</loc></url>`],
  ])("takes little time with %s", async (_what, content) => {
    const stopwatch = startStopwatch();
    expect((await readSitemap(urlset(content)))?.pages).toEqual([]);
    expect(stopwatch()).toBeLessThan(2000);
  });
});
