import type { OwnerSettings } from "../../settings/owner-settings.ts";
import { MAX_AUDIT_ENTRIES } from "../../store/settings-store.ts";
import { timeElement } from "../formats.ts";
import { html } from "../html.ts";
import { NOTHING_DONE, type SettingsSection } from "./section.ts";

const SHOWN = 200;

/** Who has changed what, and when. */
export function createChangesSection(settings: OwnerSettings): SettingsSection {
  return {
    id: "changes",
    name: "Changes",
    fieldNames: [],
    async body({ shown }) {
      const entries = await settings.audit(SHOWN);
      return html`${shown}
        <section class="card">
          <h2>What was changed</h2>
          <p class="hint">
            The newest ${SHOWN} changes, in UTC. The database keeps ${MAX_AUDIT_ENTRIES}.
          </p>
          ${entries.length === 0 && html`<p>Nothing has been changed yet.</p>`}
          <ol class="rows" reversed>
            ${entries.map(
              ({ setting, before, after, at, by }) =>
                html`<li class="change">
                  <p>
                    <code>${setting}</code>
                    <span class="hint">${timeElement(at)}, by ${by}</span>
                  </p>
                  <p class="value lines">
                    ${before !== "" && html`<del>${before}</del> → `}<ins>${after}</ins>
                  </p>
                </li>`,
            )}
          </ol>
        </section>`;
    },
    submit: () => Promise.resolve(NOTHING_DONE),
  };
}
