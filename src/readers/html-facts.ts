import { cleanLine } from "./clean-text.ts";
import type { Attributes } from "./html-tokens.ts";
import { isWebAddress, MAX_ADDRESS_LENGTH } from "./web-address.ts";

/** More links than this are not followed from one page. */
const MAX_LINKS = 5000;

/** What a page says about itself, apart from its text. */
export class HtmlFacts {
  title = "";
  lang: string | undefined;
  isIndexable = true;
  areLinksFollowed = true;
  scripts = 0;
  asksForPassword = false;
  #pageName = "";
  #base: string | undefined;
  #canonical: string | undefined;
  readonly #links = new Set<string>();

  /** Looks at an element that begins. */
  see(name: string, attributes: Attributes): void {
    if (name === "script") this.scripts++;
    if (attributes.size === 0) return;
    if (name === "a" || name === "area") this.#seeLink(attributes.get("href"), attributes);
    else if (name === "frame") this.#seeLink(attributes.get("src"), attributes);
    else if (name === "base") this.#base ??= attributes.get("href");
    else if (name === "link") this.#seeRelated(attributes);
    else if (name === "meta") this.#seeMeta(attributes);
    else if (name === "input")
      this.asksForPassword ||= /^password$/i.test(attributes.get("type") ?? "");
    else if (name === "html") {
      this.lang ??= languageOf(attributes.get("lang") ?? attributes.get("xml:lang"));
    }
  }

  /** The title, or the name that the page gives to those who share it. */
  get name(): string {
    return cleanLine(this.title) || cleanLine(this.#pageName);
  }

  /** The address that the page says it has, if it says so. */
  canonical(address: string): string | undefined {
    return this.#canonical === undefined ? undefined : resolve(this.#canonical, address);
  }

  /** Where the links lead, each address once and without its fragment. */
  links(address: string): string[] {
    const base = (this.#base === undefined ? undefined : resolve(this.#base, address)) ?? address;
    const found = new Set<string>();
    for (const link of this.#links) {
      const resolved = resolve(link, base);
      if (resolved !== undefined) found.add(resolved);
    }
    return [...found];
  }

  #seeLink(target: string | undefined, attributes: Attributes): void {
    if (target === undefined || target.length > MAX_ADDRESS_LENGTH || this.#links.size >= MAX_LINKS)
      return;
    if (/(?:^|\s)nofollow(?:\s|$)/i.test(attributes.get("rel") ?? "")) return;
    const place = target.trim();
    if (place !== "" && !place.startsWith("#")) this.#links.add(place);
  }

  #seeRelated(attributes: Attributes): void {
    if (/(?:^|\s)canonical(?:\s|$)/i.test(attributes.get("rel") ?? "")) {
      this.#canonical ??= attributes.get("href");
    }
  }

  #seeMeta(attributes: Attributes): void {
    const content = attributes.get("content") ?? "";
    const name = (attributes.get("name") ?? attributes.get("property") ?? "").toLowerCase();
    const header = attributes.get("http-equiv")?.toLowerCase();
    if (name === "robots" || name === "chatporch") {
      if (/\b(?:noindex|none)\b/i.test(content)) this.isIndexable = false;
      if (/\b(?:nofollow|none)\b/i.test(content)) this.areLinksFollowed = false;
    } else if (name === "og:title") {
      this.#pageName ||= content;
    } else if (header === "content-language") {
      this.lang ??= languageOf(content);
    } else if (header === "refresh") {
      // A page that only leads to another one.
      this.#seeLink(/^[^;,]*[;,]\s*(?:url\s*=\s*)?["']?([^"'\s]+)/i.exec(content)?.[1], attributes);
    }
  }
}

/** A BCP 47 tag, or undefined for anything else. */
function languageOf(tag: string | undefined): string | undefined {
  const trimmed = tag?.trim().replaceAll("_", "-") ?? "";
  return /^[a-z]{2,3}(?:-[a-z0-9]{1,8}){0,4}$/i.test(trimmed) ? trimmed : undefined;
}

/** An http or https address without fragment and credentials, or undefined. */
function resolve(target: string, base: string): string | undefined {
  const url = URL.parse(target, base === "" ? undefined : base);
  if (url === null) return undefined;
  url.hash = "";
  return isWebAddress(url) ? url.href : undefined;
}
