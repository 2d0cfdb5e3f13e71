import type { OwnerSettings } from "../../settings/owner-settings.ts";
import { formatCount } from "../formats.ts";
import { type Html, html } from "../html.ts";
import { fieldsForm } from "./fields-form.ts";
import { CALENDAR_FIELDS, LIMIT_FIELDS, REDACTION_FIELDS, RETENTION_FIELDS } from "./fields.ts";
import type { SectionView } from "./section.ts";

/** How many conversations the owner has agreed to delete. */
export const AGREED_FIELD = "agreed";
const RETENTION_FORM = "retention-form";

export function limitsBody(view: SectionView, settings: OwnerSettings): Html {
  return html`${view.shown}
    <section class="card">
      <h2>Limits per address</h2>
      <p class="hint">Whoever asks more is refused until the time window ends.</p>
      ${fieldsForm(view, settings, {
        id: "limits-form",
        fields: LIMIT_FIELDS,
        action: "save",
        words: "Save limits",
      })}
    </section>
    <section class="card">
      <h2>Retention</h2>
      ${fieldsForm(view, settings, {
        id: RETENTION_FORM,
        fields: RETENTION_FIELDS,
        action: "save-retention",
        words: "Save retention",
      })}
    </section>
    <section class="card">
      <h2>Redaction</h2>
      <p class="hint">
        Numbers and addresses in what visitors and the model write, before it is stored. Visitors
        see what was replaced. The address that they leave for a person stays, and so does what is
        stored already.
      </p>
      ${fieldsForm(view, settings, {
        id: "redaction-form",
        fields: REDACTION_FIELDS,
        action: "save-redaction",
        words: "Save redaction",
      })}
    </section>
    <section class="card">
      <h2>Days</h2>
      ${fieldsForm(view, settings, {
        id: "calendar-form",
        fields: CALENDAR_FIELDS,
        action: "save-calendar",
        words: "Save time zone",
      })}
    </section>`;
}

/** What stands above the form before conversations would be deleted. */
export function askBeforeDeleting(count: number): Html {
  return html`<div class="notice warn stack" role="alert">
    <p>
      <strong>This deletes ${formatCount(count, "conversation")}</strong>, about a minute after you
      save. Deleted conversations cannot be restored. Nothing is saved yet.
    </p>
    <p>
      <button class="destructive" name="${AGREED_FIELD}" value="${count}" form="${RETENTION_FORM}">
        Save, and delete ${formatCount(count, "conversation")}
      </button>
    </p>
  </div>`;
}
