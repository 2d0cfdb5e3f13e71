import type { Config } from "../../config/config.ts";
import type { Link } from "../../http/link.ts";
import type { Sighting } from "../../http/sightings.ts";
import { createOriginCheck } from "../../net/origin.ts";
import { DAY_MS } from "../../runtime/time.ts";
import type { EditableSetting } from "../../settings/editable.ts";
import type { RefusedOrigin } from "../../store/refused-origin-store.ts";
import { formatCount, timeElement } from "../formats.ts";
import { type Content, type Html, html } from "../html.ts";
import type { Session } from "../session.ts";
import { lockNote } from "../settings/field-view.ts";
import { websiteButton } from "../settings/websites-page.ts";

interface WebsiteCheckOptions {
  readonly link: Link;
  readonly session: Session;
  /** The address as it was typed. Empty: nothing was asked. */
  readonly site: string;
  readonly allowed: Config["origins"]["allowed"];
  /** What fixes the websites. Undefined: the owner can allow one here. */
  readonly websitesLock: EditableSetting["lock"];
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

function resultOf(options: WebsiteCheckOptions): Content {
  const { site, allowed, seen, now } = options;
  const origin = originOf(site);
  if (origin === undefined) {
    return html`<p class="problem">
      This is not the address of a website. For example: https://www.example.com
    </p>`;
  }
  const isAllowed = allowed === "*" || createOriginCheck(allowed)(origin);
  if (!isAllowed) return notAllowed(origin, options);
  const sighting = seen.find((each) => each.origin === origin);
  return html`<p>✓ <bdi class="who">${origin}</bdi> may use the chat.</p>
    ${presence(sighting, now)}`;
}

/** A website that is refused, and the button that allows it. */
function notAllowed(
  origin: string,
  { link, session, refused, websitesLock }: WebsiteCheckOptions,
): Html {
  const path = link("/dashboard/settings/websites");
  const refusal = refused.find((each) => each.origin === origin);
  return html`<p class="problem"><bdi class="who">${origin}</bdi> may not use the chat.</p>
    ${refusal && html`<p class="hint">It tried ${formatCount(refusal.count, "time")}, the last time on ${timeElement(refusal.lastAt)}.</p>`}
    ${
      websitesLock === undefined
        ? websiteButton({ path, session }, origin, "allow", "Allow this website")
        : lockNote(websitesLock)
    }`;
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
