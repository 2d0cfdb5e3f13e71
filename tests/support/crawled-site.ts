import { createSafeFetch, type SafeFetch } from "../../src/crawl/safe-fetch.ts";
import type { LookUp } from "../../src/net/find-host.ts";
import { parseIpAddress } from "../../src/net/ip-address.ts";

/** What a path answers: the body of an HTML page, or all of it. */
export type SitePage =
  | string
  | {
      readonly body?: string | Uint8Array<ArrayBuffer>;
      readonly status?: number;
      readonly headers?: Readonly<Record<string, string>>;
    };

/** A website on this machine, whose pages the test sets. Its host is `site.test`. */
export class CrawledSite {
  /** By path with query. */
  readonly pages = new Map<string, SitePage>();
  /** What was asked for, in its order, without robots.txt, sitemap.xml and llms-full.txt. */
  readonly asked: string[] = [];
  readonly origin: string;
  readonly #server: Bun.Server<undefined>;

  constructor(pages: Readonly<Record<string, SitePage>> = {}) {
    this.set(pages);
    this.#server = Bun.serve({
      hostname: "127.0.0.1",
      port: 0,
      fetch: (request) => this.#answer(request),
    });
    this.origin = `http://site.test:${this.#server.port}`;
  }

  set(pages: Readonly<Record<string, SitePage>>): void {
    for (const [path, page] of Object.entries(pages)) this.pages.set(path, page);
  }

  /** A sitemap of these paths. */
  setSitemap(paths: readonly string[], changed?: string): void {
    const lastmod = changed === undefined ? "" : `<lastmod>${changed}</lastmod>`;
    const urls = paths.map((path) => `<url><loc>${this.origin}${path}</loc>${lastmod}</url>`);
    this.pages.set("/sitemap.xml", { body: `<urlset>${urls.join("")}</urlset>` });
  }

  /** A fetch for which the site is on the internet, and every other name is not. */
  safeFetch(timeoutMs?: number): SafeFetch {
    const lookUp: LookUp = (host) =>
      Promise.resolve([parseIpAddress(host === "site.test" ? "127.0.0.1" : "10.0.0.1") ?? []]);
    return createSafeFetch({
      lookUp,
      allowed: { hosts: ["site.test"], cidrs: [] },
      userAgent: "chatporch/test",
      own: new URL(this.origin),
      timeoutMs,
    });
  }

  async stop(): Promise<void> {
    await this.#server.stop(true);
  }

  #answer(request: Request): Response {
    const { pathname, search } = new URL(request.url);
    const path = pathname + search;
    if (!/^\/(?:robots\.txt|sitemap.*|llms-full\.txt)$/.test(path)) this.asked.push(path);
    const page = this.pages.get(path);
    if (page === undefined) return new Response("There is nothing here.", { status: 404 });
    const {
      body = "",
      status = 200,
      headers = {},
    } = typeof page === "string" ? { body: page } : page;
    const { etag } = headers;
    if (etag !== undefined && request.headers.get("if-none-match") === etag) {
      return new Response(null, { status: 304, headers });
    }
    return new Response(body, {
      status,
      headers: { "content-type": "text/html; charset=utf-8", ...headers },
    });
  }
}

/** A page with a title, a text and links. */
export function htmlPage(title: string, text: string, links: readonly string[] = []): string {
  const list = links.map((link) => `<a href="${link}">${link}</a>`).join(" ");
  return `<!doctype html><html lang="en"><head><title>${title}</title></head><body><nav>${list}</nav><main><h1>${title}</h1><p>${text}</p></main></body></html>`;
}

/** Leads to another page. */
export function redirect(location: string): SitePage {
  return { status: 302, headers: { location } };
}
