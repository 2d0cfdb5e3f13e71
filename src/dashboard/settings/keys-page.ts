import type { Lock } from "../../config/sources.ts";
import type { WidgetKey } from "../../store/settings-store.ts";
import { formatCount, timeElement } from "../formats.ts";
import { type Html, html } from "../html.ts";
import { formToken } from "../layout.ts";
import { lockNote } from "./field-view.ts";
import type { SectionView } from "./section.ts";

export const KEY_NAME_FIELD = "keyName";
export const KEY_ID_FIELD = "keyId";

interface KeysPageOptions {
  readonly keys: readonly WidgetKey[];
  /** Every valid key, those of the environment included. */
  readonly valid: readonly string[];
  /** The variable that sets the keys of the environment. */
  readonly lock: Lock | undefined;
  readonly problem: string | undefined;
}

export function keysBody(view: SectionView, { keys, valid, lock, problem }: KeysPageOptions): Html {
  const good = keys.filter(({ revokedAt }) => revokedAt === undefined);
  const revoked = keys.filter(({ revokedAt }) => revokedAt !== undefined).toReversed();
  const made = new Set(good.map(({ key }) => key));
  const fixed = valid.filter((key) => !made.has(key));
  return html`${view.shown}
    <section class="card">
      <h2>Widget keys</h2>
      <p class="hint">
        Each script tag has one. It is not a secret: every visitor can read it in the page. To
        replace a website’s key without turning visitors away, create a new one, put it into the
        tag, and revoke the old one once no page has it.
      </p>
      <ul class="rows">
        ${fixed.map((key, index) => fixedRow(key, index, lock))}
        ${good.map((key) => keyRow(view, key, valid.length > 1))}
      </ul>
      ${makeForm(view, problem)}
    </section>
    ${
      revoked.length > 0 &&
      html`<details class="card">
        <summary>${formatCount(revoked.length, "revoked key")}</summary>
        <ul class="rows">
          ${revoked.map(
            ({ name, key, revokedAt = 0 }) =>
              html`<li>
                <p><strong>${name}</strong> <code>${key}</code></p>
                <p class="hint">Revoked on ${timeElement(revokedAt)}</p>
              </li>`,
          )}
        </ul>
      </details>`
    }`;
}

function fixedRow(key: string, index: number, lock: Lock | undefined): Html {
  const number = index + 1;
  return html`<li class="row">
    <span>
      <code class="key" id="key-fixed-${number}">${key}</code>
      ${lock !== undefined && lockNote(lock)}
    </span>
    <span class="buttons">
      <button
        type="button"
        data-copy="key-fixed-${number}"
        aria-label="Copy: fixed key ${number}"
        hidden
      >
        Copy
      </button>
    </span>
  </li>`;
}

function keyRow(
  view: SectionView,
  { id, name, key, madeAt }: WidgetKey,
  isRevocable: boolean,
): Html {
  return html`<li class="row">
    <span>
      <strong class="who">${name}</strong>
      <span class="hint">created on ${timeElement(madeAt)}</span>
      <code class="key" id="key-${id}">${key}</code>
    </span>
    <span class="buttons">
      <button type="button" data-copy="key-${id}" aria-label="Copy: ${name}" hidden>Copy</button>
      ${
        isRevocable &&
        html`<details class="danger">
          <summary aria-label="Revoke: ${name}">Revoke</summary>
          <form method="post" action="${view.path}">
            ${formToken(view.session)}
            <input type="hidden" name="${KEY_ID_FIELD}" value="${id}" />
            <p>Pages that have this key in their tag can no longer chat. This cannot be undone.</p>
            <button name="action" value="revoke" class="destructive">Revoke for good</button>
          </form>
        </details>`
      }
    </span>
  </li>`;
}

function makeForm(view: SectionView, problem: string | undefined): Html {
  return html`<form method="post" action="${view.path}" class="stack">
    ${formToken(view.session)}
    <div class="field">
      <label for="key-name">Name of a new key, such as the website that it is for</label>
      <div class="asking">
        <input
          type="text"
          id="key-name"
          name="${KEY_NAME_FIELD}"
          value="${view.entered?.[KEY_NAME_FIELD] ?? ""}"
          autocomplete="off"
          ${problem !== undefined && html`aria-invalid="true" aria-describedby="problem-key"`}
        />
        <button name="action" value="make" class="primary">Create key</button>
      </div>
      ${problem !== undefined && html`<p class="problem" id="problem-key" role="alert">${problem}</p>`}
    </div>
  </form>`;
}
