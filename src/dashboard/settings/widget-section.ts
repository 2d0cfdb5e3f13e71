import type { OwnerSettings } from "../../settings/owner-settings.ts";
import { html } from "../html.ts";
import { enteredTexts, saveFields } from "./entry.ts";
import { fieldsForm } from "./fields-form.ts";
import { WIDGET_FIELDS } from "./fields.ts";
import { NOTHING_DONE, type SettingsSection } from "./section.ts";

/** Texts and looks of the widget on all pages. */
export function createWidgetSection(settings: OwnerSettings): SettingsSection {
  return {
    id: "widget",
    name: "Widget",
    fieldNames: WIDGET_FIELDS.map(({ name }) => name),
    body: (view) =>
      html`${view.shown}
        <section class="card">
          <h2>Texts and looks</h2>
          <p class="hint">
            For all pages. What is empty is the widget’s own, in the visitor’s language. An
            attribute of a page’s script tag wins.
          </p>
          ${fieldsForm(view, settings, {
            id: "widget-form",
            fields: WIDGET_FIELDS,
            action: "save",
            words: "Save",
          })}
        </section>`,
    submit: (form) => {
      if (form.fields.action !== "save") return Promise.resolve(NOTHING_DONE);
      return saveFields(settings, enteredTexts(WIDGET_FIELDS, form.fields), form);
    },
  };
}
