import type { WidgetSettings } from "../../config/widget.ts";
import type { Link } from "../../http/link.ts";
import type { OwnerSettings } from "../../settings/owner-settings.ts";
import { type Html, html } from "../html.ts";
import { enteredTexts, refused, saveFields } from "./entry.ts";
import { fieldsForm } from "./fields-form.ts";
import { WIDGET_FIELDS } from "./fields.ts";
import { livePreview } from "./live-preview.ts";
import {
  NOTHING_DONE,
  type SectionView,
  type SettingsSection,
  type Submitted,
  type SubmittedForm,
} from "./section.ts";
import { previewAttributes } from "./widget-attributes.ts";

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

  function preview(view: SectionView): Html {
    const { entered = {} } = view;
    const byName = new Map(settings.list().map((each) => [each.name, each]));
    const textOf = (name: string) => {
      const setting = byName.get(name);
      return setting?.lock === undefined ? (entered[name] ?? setting?.text) : undefined;
    };
    return livePreview({
      link,
      widgetKey: settings.keys.newest() ?? "",
      attributes: previewAttributes(textOf),
      settings: shownSettings(view),
      below: html`<p class="hint">It shows what is in the form. Your pages show what is saved.</p>`,
    });
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
              isKept: true,
              more: html`<noscript
                ><button name="show" value="1">Preview without saving</button></noscript
              >`,
            })}
          </section>
          ${preview(view)}
        </div>`,
    submit: (form) => {
      if (form.fields.action !== "save") return Promise.resolve(NOTHING_DONE);
      if (form.fields.show !== undefined) return Promise.resolve(show(form));
      return saveFields(settings, enteredTexts(WIDGET_FIELDS, form.fields), form);
    },
  };
}

const NOT_SAVED = html`<p class="notice" role="status">
  <a href="#preview">This is how it would look</a>. Nothing is saved yet.
</p>`;
