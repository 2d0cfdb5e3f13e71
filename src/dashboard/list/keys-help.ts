import { type Html, html } from "../html.ts";

const KEYS: readonly (readonly [key: string, does: string])[] = [
  ["j", "the next conversation, which is older"],
  ["k", "the one before, which is newer"],
  ["Enter", "open it"],
  ["Esc", "back to the list"],
  ["/", "search"],
  ["?", "show these keys"],
];

/** The keys for the list and its conversations, behind a button. Without the script there are none. */
export const KEYS_HELP: Html = html`<button
    class="small"
    type="button"
    popovertarget="keys"
    aria-keyshortcuts="?"
    data-keys
    hidden
  >
    Keys
  </button>
  <div id="keys" class="card" popover>
    <h2>Keys</h2>
    <dl>
      ${KEYS.map(
        ([key, does]) =>
          html`<dt><kbd>${key}</kbd></dt>
            <dd>${does}</dd>`,
      )}
    </dl>
  </div>`;
