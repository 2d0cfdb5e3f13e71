import type { OwnerSettings } from "../../settings/owner-settings.ts";
import { type AuditEntry, MAX_AUDIT_ENTRIES } from "../../store/settings-store.ts";
import { timeElement } from "../formats.ts";
import { type Html, html } from "../html.ts";
import {
  ANSWER_FIELDS,
  INSTRUCTION_FIELDS,
  LIMIT_FIELDS,
  MODEL_FIELDS,
  PERSON_FIELDS,
  RATING_FIELDS,
  REDACTION_FIELDS,
  RETENTION_FIELDS,
  WIDGET_FIELDS,
} from "./fields.ts";
import { CHANNEL_FORMS, PRIVATE_FIELDS } from "./notice-fields.ts";
import { NOTHING_DONE, type SettingsSection } from "./section.ts";
import { SPENDING_FIELDS } from "./spending-fields.ts";

const SHOWN_AT_FIRST = 50;
/** Whole instructions are on their own page. */
const MAX_LENGTH = 160;

/** What settings are called on their pages. */
const LABELS: ReadonlyMap<string, string> = new Map([
  ...[
    ...MODEL_FIELDS,
    ...ANSWER_FIELDS,
    ...LIMIT_FIELDS,
    ...RETENTION_FIELDS,
    ...WIDGET_FIELDS,
    ...PERSON_FIELDS,
    ...RATING_FIELDS,
    ...SPENDING_FIELDS,
    ...REDACTION_FIELDS,
  ].map(({ name, label }) => [name, label] as const),
  ...INSTRUCTION_FIELDS.map(({ name }) => [name, "Instructions"] as const),
  ...CHANNEL_FORMS.flatMap(({ name: channel, fields }) =>
    fields.map(({ name, label }) => [name, `${channel}: ${label}`] as const),
  ),
  ...PRIVATE_FIELDS.map(({ name, label }) => [name, label] as const),
  ["CORS_ORIGIN", "Websites"],
  ["MODEL_CALLS", "The model"],
]);

/** Who has changed what, and when. */
export function createChangesSection(settings: OwnerSettings): SettingsSection {
  return {
    id: "changes",
    name: "Changes",
    fieldNames: [],
    async body({ shown, path, query }) {
      const limit = query.has("all") ? MAX_AUDIT_ENTRIES : SHOWN_AT_FIRST;
      // One more says whether there are more.
      const entries = await settings.audit(limit + 1);
      return html`${shown}
        <section class="card">
          <h2>Change log</h2>
          ${
            entries.length === 0
              ? html`<p>Nothing has been changed yet.</p>`
              : html`<p class="hint">
                    The newest ${MAX_AUDIT_ENTRIES} changes are kept. Secrets never appear here.
                  </p>
                  <ol class="rows">
                    ${entries.slice(0, limit).map(changeView)}
                  </ol>`
          }
          ${entries.length > limit && html`<p><a href="${path}?all=1">Show all</a></p>`}
        </section>`;
    },
    submit: () => Promise.resolve(NOTHING_DONE),
  };
}

function changeView({ setting, before, after, at, by }: AuditEntry): Html {
  const label = LABELS.get(setting);
  return html`<li class="change">
    <p>
      <strong class="who">${label ?? setting}</strong>
      ${label !== undefined && html`<code class="hint">${setting}</code>`}
    </p>
    <p class="value" dir="auto">
      ${before !== "" && html`<del>${shorten(before)}</del> → `}<ins>${shorten(after)}</ins>
    </p>
    <p class="hint">${timeElement(at)}, by ${by}</p>
  </li>`;
}

function shorten(text: string): string {
  return text.length > MAX_LENGTH ? `${text.slice(0, MAX_LENGTH).toWellFormed()}…` : text;
}
