import type { WidgetSettings } from "../../config/widget.ts";
import type { Link } from "../../http/link.ts";
import type { OwnerSettings } from "../../settings/owner-settings.ts";
import { html } from "../html.ts";
import { enteredTexts, refused, saveFields } from "./entry.ts";
import { fieldsForm } from "./fields-form.ts";
import { WIDGET_FIELDS } from "./fields.ts";
import {
  NOTHING_DONE,
  type SectionView,
  type SettingsSection,
  type Submitted,
  type SubmittedForm,
} from "./section.ts";
import { widgetPreview } from "./widget-preview.ts";

interface WidgetSectionDeps {
  readonly link: Link;
  readonly settings: OwnerSettings;
}

/** Texts and looks of the widget on all pages. */
export function createWidgetSection({ link, settings }: WidgetSectionDeps): SettingsSection {
  /** With what was entered, if that can be used. */
  function shownSettings({ entered }: SectionView): WidgetSettings {
    const preview = settings.preview(enteredTexts(WIDGET_FIELDS, entered ?? {}));
    return preview.kind === "usable" ? preview.config.widget : settings.config.widget;
  }

  function show({ fields }: SubmittedForm): Submitted {
    const preview = settings.preview(enteredTexts(WIDGET_FIELDS, fields));
    if (preview.kind === "refused") return refused(preview.problems);
    return { kind: "again", status: 200, shown: NOT_SAVED };
  }

  return {
    id: "widget",
    name: "Widget",
    fieldNames: WIDGET_FIELDS.map(({ name }) => name),
    body: (view) =>
      html`${view.shown}
        <div class="sides">
          <section class="card">
            <h2>Texts and looks</h2>
            <p class="hint">
              For all pages, without changing the tag. Where a field is empty, the widget uses its
              own text in the visitor’s language. An attribute of a page’s tag takes precedence.
            </p>
            ${fieldsForm(view, settings, {
              id: "widget-form",
              fields: WIDGET_FIELDS,
              action: "save",
              words: "Save",
              more: html`<button name="show" value="1">Preview without saving</button>`,
            })}
          </section>
          <section class="card">
            <h2 id="drawing">How it looks</h2>
            ${widgetPreview(shownSettings(view))}
            <p class="hint">
              This is a sketch. The widget itself is on the
              <a href="${link("/dashboard/setup")}">setup page</a>.
            </p>
          </section>
        </div>`,
    submit: (form) => {
      if (form.fields.action !== "save") return Promise.resolve(NOTHING_DONE);
      if (form.fields.show !== undefined) return Promise.resolve(show(form));
      return saveFields(settings, enteredTexts(WIDGET_FIELDS, form.fields), form);
    },
  };
}

const NOT_SAVED = html`<p class="notice" role="status">
  <a href="#drawing">This is how it would look</a>. Nothing is saved yet.
</p>`;
