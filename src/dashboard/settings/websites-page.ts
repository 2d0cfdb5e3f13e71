import type { EditableSetting } from "../../settings/editable.ts";
import type { RefusedOrigin } from "../../store/refused-origin-store.ts";
import { formatCount, timeElement } from "../formats.ts";
import { type Content, type Html, html } from "../html.ts";
import { formToken } from "../layout.ts";
import { lockNote } from "./field-view.ts";
import type { SectionView } from "./section.ts";

export const WEBSITE_FIELD = "website";

interface WebsitesPageOptions {
  readonly websites: readonly string[];
  /** Whether every website is allowed. */
  readonly isOpen: boolean;
  readonly refused: readonly RefusedOrigin[];
  readonly lock: EditableSetting["lock"];
  readonly problem: string | undefined;
}

export function websitesBody(view: SectionView, options: WebsitesPageOptions): Html {
  const { websites, isOpen, refused, lock, problem } = options;
  return html`${view.shown}
    <section class="card">
      <h2>Websites that may use the chat</h2>
      ${isOpen && html`<p>In development, every website may use it until you name one.</p>`}
      ${!isOpen && websites.length === 0 && html`<p>None yet, so no page can show the chat.</p>`}
      ${
        websites.length > 0 &&
        html`<ul class="rows">
          ${websites.map(
            (website) =>
              html`<li class="row">
                <span class="who">${website}</span>
                ${lock === undefined && websiteButton(view, website, "remove", "Remove")}
              </li>`,
          )}
        </ul>`
      }
      ${lock === undefined ? addForm(view, problem, websites.length === 0) : lockNote(lock)}
    </section>
    ${refusedView(view, refused, lock)}`;
}

function addForm(view: SectionView, problem: string | undefined, isFirst: boolean): Html {
  const typed = view.entered?.action === "allow" ? (view.entered[WEBSITE_FIELD] ?? "") : "";
  return html`<form method="post" action="${view.path}" class="stack">
    ${formToken(view.session)}
    <div class="field">
      <label for="website">${isFirst ? "Your website" : "Another website"}</label>
      <div class="asking">
        <input
          type="text"
          id="website"
          name="${WEBSITE_FIELD}"
          value="${typed}"
          inputmode="url"
          autocomplete="off"
          autocapitalize="off"
          spellcheck="false"
          placeholder="https://www.example.com"
          aria-describedby="hint-website ${problem !== undefined && "problem-website"}"
          ${problem !== undefined && html`aria-invalid="true"`}
        />
        <button name="action" value="allow" class="primary">Allow</button>
      </div>
      ${problem !== undefined && html`<p class="problem" id="problem-website" role="alert">${problem}</p>`}
      <p class="hint" id="hint-website">
        As in the browser’s address bar. With www. and without are two websites;
        https://*.example.com allows every subdomain.
      </p>
    </div>
  </form>`;
}

function refusedView(
  view: SectionView,
  refused: readonly RefusedOrigin[],
  lock: EditableSetting["lock"],
): Content {
  if (refused.length === 0) return undefined;
  return html`<section class="card">
    <h2>Recently refused</h2>
    <p class="hint">
      Pages of these websites asked for the chat. If one is yours,
      ${lock === undefined ? "allow it" : html`add it to <code>${lock.variable}</code>`}. Anyone can
      put the tag on a page, so the others may be strangers.
    </p>
    ${refusedRows(view, refused, lock === undefined)}
  </section>`;
}

/** Where the buttons of a list are sent to, and who presses them. */
type Target = Pick<SectionView, "path" | "session">;

/** Refused websites with their buttons. */
export function refusedRows(
  target: Target,
  refused: readonly RefusedOrigin[],
  canAllow: boolean,
): Html {
  return html`<ul class="rows">
    ${refused.map(
      ({ origin, count, lastAt }) =>
        html`<li class="row">
          <span
            ><span class="who">${origin}</span>
            <span class="hint"
              >${formatCount(count, "request")}, the latest on ${timeElement(lastAt)}</span
            ></span
          >
          <span class="buttons">
            ${canAllow && websiteButton(target, origin, "allow", "Allow")}
            ${websiteButton(target, origin, "forget", "Not mine")}
          </span>
        </li>`,
    )}
  </ul>`;
}

/** Does one thing with a website. The page of the websites says what was done. */
export function websiteButton(
  target: Target,
  website: string,
  action: "allow" | "remove" | "forget",
  words: string,
): Html {
  return html`<form method="post" action="${target.path}">
    ${formToken(target.session)}
    <input type="hidden" name="${WEBSITE_FIELD}" value="${website}" />
    <button name="action" value="${action}" aria-label="${words}: ${website}">${words}</button>
  </form>`;
}
