import type { Link } from "../http/link.ts";
import { ICON_ASSET, SCRIPT_ASSET, STYLE_ASSET } from "./assets.ts";
import { FORM_TOKEN_FIELD } from "./csrf.ts";
import { type Content, type Html, html } from "./html.ts";
import type { Session } from "./session.ts";

/** The pages in the navigation. */
const SECTIONS = [
  { name: "Overview", path: "/dashboard" },
  { name: "Conversations", path: "/dashboard/conversations" },
  { name: "Knowledge", path: "/dashboard/knowledge" },
  { name: "Setup", path: "/dashboard/setup" },
  { name: "Settings", path: "/dashboard/settings" },
] as const;

type Section = (typeof SECTIONS)[number]["name"];

interface PageOptions {
  readonly link: Link;
  readonly title: string;
  readonly section: Section;
  readonly session: Pick<Session, "formToken">;
  readonly body: Content;
  /** The id of what the skip link leads to. By default the page's content. */
  readonly skipTo?: string;
}

/** A page for somebody who is logged in. */
export function layout({
  link,
  title,
  section,
  session,
  body,
  skipTo = "main",
}: PageOptions): Html {
  return shell(
    link,
    title,
    html`<a class="skip" href="#${skipTo}">Skip to content</a>
      <header class="top">
        <div class="wide bar">
          <a class="brand" href="${link("/dashboard")}"
            ><img src="${link(ICON_ASSET.path)}" alt="" width="24" height="24" />chatporch</a
          >
          <nav aria-label="Dashboard">
            ${SECTIONS.map(
              ({ name, path }) =>
                html`<a href="${link(path)}" ${name === section && html`aria-current="page"`}
                  >${name}</a
                >`,
            )}
          </nav>
          <form method="post" action="${link("/dashboard/logout")}">
            ${formToken(session)}<button class="quiet">Log out</button>
          </form>
        </div>
      </header>
      <main id="main" class="wide" tabindex="-1">${body}</main>
      <p class="unseen" role="status" data-announcer></p>`,
  );
}

/** A page for somebody who may not be logged in: one card in the middle. */
export function plainLayout(link: Link, title: string, body: Content): Html {
  return shell(
    link,
    title,
    html`<main class="card narrow">
      <p class="brand">
        <img src="${link(ICON_ASSET.path)}" alt="" width="24" height="24" />chatporch
      </p>
      ${body}
    </main>`,
  );
}

/**
 * The part of a page that the browser fetches again after a change.
 * @param topic `figures`, `conversations`, `older-conversations` (a page of the list that stays as it is), `knowledge` or the id of the conversation that is shown
 * @param published what ActivityFeed said when the page was made
 */
export function liveRegion(topic: string, published: string, content: Content): Html {
  return html`<div data-live="${topic}" data-published="${published}">${content}</div>`;
}

/** The hidden field that shows that a form comes from a page of this session. */
export function formToken(session: Pick<Session, "formToken">): Html {
  return html`<input type="hidden" name="${FORM_TOKEN_FIELD}" value="${session.formToken}" />`;
}

/**
 * What password managers store a password under. Without it, they take the field above the password for the name,
 * such as the claim's token. It has no name of its own, so it is not sent.
 */
export const OWNER_NAME = html`<input type="text" autocomplete="username" value="owner" hidden />`;

function shell(link: Link, title: string, body: Content): Html {
  // Overrides the Referrer-Policy header, which is no-referrer on every answer: with that, browsers send
  // `Origin: null` with a form (Fetch, section 3.1).
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="referrer" content="same-origin" />
        <meta name="color-scheme" content="light dark" />
        <meta name="robots" content="noindex" />
        <title>${title} · chatporch</title>
        <link rel="icon" href="${link(ICON_ASSET.path)}" type="image/svg+xml" />
        <link rel="stylesheet" href="${link(STYLE_ASSET.path)}" />
        <script src="${link(SCRIPT_ASSET.path)}" defer></script>
      </head>
      <body>
        ${body}
      </body>
    </html>`;
}
