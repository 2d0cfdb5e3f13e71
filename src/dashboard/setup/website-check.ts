import type { Config } from "../../config/config.ts";
import type { Link } from "../../http/link.ts";
import type { Sighting } from "../../http/sightings.ts";
import { createOriginCheck } from "../../net/origin.ts";
import { DAY_MS } from "../../runtime/time.ts";
import type { RefusedOrigin } from "../../store/refused-origin-store.ts";
import { formatCount, timeElement } from "../formats.ts";
import { type Content, type Html, html } from "../html.ts";

interface WebsiteCheckOptions {
  readonly link: Link;
  /** The address as it was typed. Empty: nothing was asked. */
  readonly site: string;
  readonly allowed: Config["origins"]["allowed"];
  readonly seen: readonly Sighting[];
  readonly refused: readonly RefusedOrigin[];
  /** Milliseconds since the epoch. */
  readonly now: number;
}

const MAX_SITE_LENGTH = 300;

/** A widget that was seen longer ago may have been taken off since. */
const RECENT_MS = DAY_MS;

/** Says of a website whether it may use the chat, and whether it does. Nothing is requested from it. */
export function websiteCheck(options: WebsiteCheckOptions): Html {
  const { link, site } = options;
  return html`<section class="card" id="check">
    <h2>Check my website</h2>
    <form method="get" action="${link("/dashboard/setup#check")}" class="stack tight">
      <label for="site">The address of a page that should have the chat</label>
      <div class="asking">
        <input
          type="text"
          id="site"
          name="site"
          value="${site}"
          inputmode="url"
          autocomplete="off"
          autocapitalize="off"
          spellcheck="false"
          placeholder="https://www.example.com"
          maxlength="${MAX_SITE_LENGTH}"
        />
        <button>Check</button>
      </div>
    </form>
    ${site !== "" && html`<div role="status" class="stack tight">${resultOf(options)}</div>`}
  </section>`;
}

function resultOf({ link, site, allowed, seen, refused, now }: WebsiteCheckOptions): Content {
  const origin = originOf(site);
  if (origin === undefined) {
    return html`<p class="problem">
      This is not the address of a website. For example: https://www.example.com
    </p>`;
  }
  const settings = link("/dashboard/settings/websites");
  const isAllowed = allowed === "*" || createOriginCheck(allowed)(origin);
  const sighting = seen.find((each) => each.origin === origin);
  const refusal = refused.find((each) => each.origin === origin);
  const where = html`<bdi class="who">${origin}</bdi>`;
  if (!isAllowed) {
    return html`<p class="problem">
        ${where} may not use the chat. <a href="${settings}">Allow it under Settings</a>
      </p>
      ${refusal && html`<p class="hint">It tried ${formatCount(refusal.count, "time")}, the last time on ${timeElement(refusal.lastAt)}.</p>`}`;
  }
  return html`<p>✓ ${where} may use the chat.</p>
    ${presence(sighting, now)}`;
}

/** Whether the widget is on a website, as far as its requests show. */
function presence(sighting: Sighting | undefined, now: number): Html {
  if (sighting === undefined) {
    return html`<p class="hint">
      The widget has not been seen there yet. Paste the tag, open a page of the website, and check
      again.
    </p>`;
  }
  const seen = html`It was last seen on ${timeElement(sighting.at)}.`;
  if (now - sighting.at <= RECENT_MS) return html`<p>✓ The widget is there. ${seen}</p>`;
  return html`<p class="hint">
    The widget was there. ${seen} Open a page of the website, and check again.
  </p>`;
}

/** The website of an address, which may have been typed without https://. */
function originOf(site: string): string | undefined {
  const text = /^[a-z][a-z0-9+.-]*:\/\//i.test(site) ? site : `https://${site}`;
  if (site.length > MAX_SITE_LENGTH || !URL.canParse(text)) return undefined;
  const { protocol, origin, hostname } = new URL(text);
  const isWebsite =
    /^https?:$/.test(protocol) && (/[.:]/.test(hostname) || hostname === "localhost");
  return isWebsite ? origin : undefined;
}
