import type { Link } from "../../http/link.ts";
import type { OwnerSettings } from "../../settings/owner-settings.ts";
import { html } from "../html.ts";
import { type FieldForms, saveOneOf } from "./entry.ts";
import { fieldsForm } from "./fields-form.ts";
import { PERSON_FIELDS, RATING_FIELDS } from "./fields.ts";
import type { SettingsSection } from "./section.ts";

/** The two forms of the page, by what they do. */
const FORMS: FieldForms = new Map([
  ["save", PERSON_FIELDS],
  ["save-ratings", RATING_FIELDS],
]);

interface PeopleSectionDeps {
  readonly settings: OwnerSettings;
  readonly link: Link;
}

/** What visitors can tell the owner besides their questions. */
export function createPeopleSection({ settings, link }: PeopleSectionDeps): SettingsSection {
  return {
    id: "people",
    name: "People",
    fieldNames: [...PERSON_FIELDS, ...RATING_FIELDS].map(({ name }) => name),
    body: (view) =>
      html`${view.shown}
        <section class="card">
          <h2>A person</h2>
          <p class="hint">
            How you hear of a visitor who wants one is set under
            <a href="${link("/dashboard/settings/notices")}">Notices</a>.
          </p>
          ${fieldsForm(view, settings, {
            id: "person-form",
            fields: PERSON_FIELDS,
            action: "save",
            words: "Save",
          })}
        </section>
        <section class="card">
          <h2>Ratings</h2>
          ${fieldsForm(view, settings, {
            id: "ratings-form",
            fields: RATING_FIELDS,
            action: "save-ratings",
            words: "Save ratings",
          })}
        </section>`,
    submit: (form) => saveOneOf(FORMS, settings, form),
  };
}
