import { globSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** The package that is served, by its name at Debian: some 1,200 pages, in 2 MB. */
export const DOCUMENTATION_PACKAGE = "postgresql-doc";

/** The folder with the pages of the package. Undefined: it is not installed. */
export function documentationFolder(): string | undefined {
  return globSync("/usr/share/doc/postgresql-doc-*/html").toSorted().at(-1);
}

/** Answers a path in place of a page. */
type Responder = (request: Request) => Response | Promise<Response>;

/** The pages of a documentation package as a website on loopback, with a sitemap and ETags. */
export class DocumentationSite {
  /** The names of the pages. */
  readonly pages: readonly string[];
  readonly origin: string;
  /** Answers with a page, and answers that it has not changed. */
  readonly answers = { full: 0, unchanged: 0 };
  readonly #texts = new Map<string, string>();
  readonly #responders = new Map<string, Responder>();
  readonly #server: Bun.Server<undefined>;
  #hasSitemap = true;

  constructor(folder: string, { host = "127.0.0.1" }: { readonly host?: string } = {}) {
    this.pages = readdirSync(folder)
      .filter((name) => name.endsWith(".html"))
      .toSorted();
    for (const name of this.pages) {
      this.#texts.set(`/${name}`, readFileSync(join(folder, name), "utf8"));
    }
    this.#server = Bun.serve({
      hostname: "127.0.0.1",
      port: 0,
      fetch: (request) => this.#answer(request),
    });
    this.origin = `http://${host}:${this.#server.port}`;
  }

  /** Without a sitemap, the pages are found by their links only. */
  dropSitemap(): void {
    this.#hasSitemap = false;
  }

  text(name: string): string {
    return this.#texts.get(`/${name}`) ?? "";
  }

  change(name: string, text: string): void {
    this.#texts.set(`/${name}`, text);
  }

  remove(name: string): void {
    this.#texts.delete(`/${name}`);
  }

  /** Answers a path in another way. Such a path stands in the sitemap, too, unless it is robots.txt. */
  respond(path: string, responder: Responder): void {
    this.#responders.set(path, responder);
  }

  async stop(): Promise<void> {
    await this.#server.stop(true);
  }

  #answer(request: Request): Response | Promise<Response> {
    const { pathname } = new URL(request.url);
    const responder = this.#responders.get(pathname);
    if (responder !== undefined) return responder(request);
    if (pathname === "/sitemap.xml" && this.#hasSitemap) return new Response(this.#sitemap());
    if (pathname === "/") return Response.redirect(`${this.origin}/index.html`);
    const text = this.#texts.get(pathname);
    if (text === undefined) return new Response("There is nothing here.", { status: 404 });
    const headers = { "content-type": "text/html; charset=UTF-8", etag: `"${Bun.hash(text)}"` };
    if (request.headers.get("if-none-match") === headers.etag) {
      this.answers.unchanged++;
      return new Response(null, { status: 304, headers });
    }
    this.answers.full++;
    return new Response(text, { headers });
  }

  #sitemap(): string {
    const paths = [...this.#texts.keys(), ...this.#responders.keys()].filter(
      (path) => path !== "/robots.txt",
    );
    const urls = paths.map((path) => `<url><loc>${this.origin}${path}</loc></url>`);
    return `<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">${urls.join("")}</urlset>`;
  }
}
