import { readWebAddress } from "./web-address.ts";

/** Which addresses belong to a site, as its owner has named it. */
export class Scope {
  /** The page at which the site begins. */
  readonly start: URL;
  /** The path and the query of the addresses begin with this. */
  #prefix: string;
  /** Whether the owner has named the prefix: then it need not end where a folder ends. */
  readonly #isNamed: boolean;

  /**
   * @param start `https://example.com/docs` has the addresses that are equal or begin with `…/docs/`, and
   * `https://example.com/docs/index.html` those of its folder
   * @param only the beginning of the paths that belong to it, when it is not by `start`
   */
  constructor(start: URL, only?: string) {
    this.start = start;
    this.#prefix = only ?? folderOf(start.pathname);
    this.#isNamed = only !== undefined;
  }

  /** The folder in which the files of the site for crawlers may stand, such as its sitemap. Ends with a slash. */
  get folder(): URL {
    const [path = "/"] = this.#prefix.split("?");
    return new URL(path.slice(0, path.lastIndexOf("/") + 1), this.start);
  }

  has(url: URL): boolean {
    const path = url.pathname + url.search;
    if (url.origin !== this.start.origin || !path.startsWith(this.#prefix)) return false;
    if (this.#isNamed || this.#prefix.endsWith("/")) return true;
    const next = path[this.#prefix.length];
    return next === undefined || next === "/" || next === "?";
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
   * The page of this site at an address as it is written. Undefined: it is none.
   * @param base the page on which the address stands
   */
  find(address: string, base = this.start): URL | undefined {
    const { url } = readWebAddress(address, base);
    const settled = url && this.settle(url);
    return settled && this.has(settled) ? settled : undefined;
  }

  /**
   * The scope when the start redirects. Undefined: it leads to another site, or to a part of it that the owner
   * has not named.
   * @param isOnePage the start alone is read, wherever in its site it is now
   */
  movedTo(target: URL, isOnePage: boolean): Scope | undefined {
    if (!isSameSite(target, this.start)) return undefined;
    if (isOnePage) return new Scope(target);
    if (this.#isNamed) return new Scope(target, this.#prefix);
    const moved = new Scope(target);
    moved.#prefix = this.#prefix;
    return moved.has(target) ? moved : undefined;
  }
}

/** The path itself, or the folder of a file. */
function folderOf(path: string): string {
  const name = path.slice(path.lastIndexOf("/") + 1);
  return name.includes(".") ? path.slice(0, -name.length) : path;
}

/** Equal but for http and https on their usual ports, and for `www.`. */
export function isSameSite(left: URL, right: URL): boolean {
  const isUsual = left.port === "" && right.port === "";
  return (
    bareHost(left) === bareHost(right) &&
    (isUsual || (left.port === right.port && left.protocol === right.protocol))
  );
}

/** The name of the host without `www.`. */
export function bareHost({ hostname }: URL): string {
  return hostname.replace(/^www\./, "");
}
