import { readWebAddress } from "./web-address.ts";

/** Which addresses belong to a site, as its owner has named it. */
export class Scope {
  /** The page at which the site begins. */
  readonly start: URL;
  readonly #prefix: string;

  /**
   * @param start `https://example.com/docs` has the addresses that are equal or begin with `…/docs/`, and
   * `https://example.com/docs/index.html` those of its folder
   * @param only the beginning of the addresses that belong to it, when it is not by `start`
   */
  constructor(start: URL, only?: string) {
    this.start = start;
    const named = only === undefined ? undefined : readWebAddress(only, start).url;
    this.#prefix = named?.href ?? prefixOf(start);
  }

  /** The folder in which the files of the site for crawlers may stand, such as its sitemap. Ends with a slash. */
  get folder(): URL {
    return new URL(this.#prefix.slice(0, this.#prefix.lastIndexOf("/") + 1));
  }

  has(url: URL): boolean {
    const { href } = url;
    if (!href.startsWith(this.#prefix)) return false;
    const next = href[this.#prefix.length];
    return this.#prefix.endsWith("/") || next === undefined || /[/?]/.test(next);
  }

  /**
   * The same page as this site writes its address: a page of `https://www.example.com` may link to
   * `http://example.com`, which would only redirect.
   */
  settle(url: URL): URL {
    if (url.origin === this.start.origin || !isSameSite(url, this.start)) return url;
    const settled = new URL(url);
    settled.protocol = this.start.protocol;
    settled.host = this.start.host;
    return settled;
  }

  /**
   * The scope when the start redirects. Undefined: it leads to another site, or to a part of it that the owner
   * has not named.
   * @param isOnePage the start alone is read, wherever in its site it is now
   */
  movedTo(target: URL, isOnePage: boolean): Scope | undefined {
    if (this.has(target)) return new Scope(target, this.#prefix);
    if (!isSameSite(target, this.start)) return undefined;
    if (isOnePage) return new Scope(target);
    const { origin } = this.start;
    const moved = new Scope(target, target.origin + this.#prefix.slice(origin.length));
    return moved.has(target) ? moved : undefined;
  }
}

function prefixOf({ origin, pathname }: URL): string {
  const name = pathname.slice(pathname.lastIndexOf("/") + 1);
  return origin + (name.includes(".") ? pathname.slice(0, -name.length) : pathname);
}

/** Equal but for http and https on their usual ports, and for `www.`. */
function isSameSite(left: URL, right: URL): boolean {
  const isUsual = left.port === "" && right.port === "";
  return (
    bareHost(left) === bareHost(right) &&
    (isUsual || (left.port === right.port && left.protocol === right.protocol))
  );
}

function bareHost({ hostname }: URL): string {
  return hostname.replace(/^www\./, "");
}
