import type { OwnerSettings } from "../../settings/owner-settings.ts";
import { type Content, type Html, html } from "../html.ts";
import { formToken } from "../layout.ts";
import { VERSION_FIELD } from "./entry.ts";
import { areLocked, fieldViews } from "./field-view.ts";
import type { Field } from "./fields.ts";
import type { SectionView } from "./section.ts";

interface FieldsForm {
  readonly id: string;
  readonly fields: readonly Field[];
  /** Fields below those, under a heading of their own. */
  readonly further?: { readonly heading: Content; readonly fields: readonly Field[] };
  /** What the form does, for the section that receives it. */
  readonly action: string;
  /** The words on its button. */
  readonly words: string;
  /** Other buttons beside it. */
  readonly more?: Content;
  /** Whether the browser keeps what was typed when the session ends before it is sent. None of the fields may be a secret. */
  readonly isKept?: boolean;
}

/** A form of settings with one button. Without the button, if the environment fixes them all. */
export function fieldsForm(
  view: SectionView,
  settings: Pick<OwnerSettings, "list" | "version">,
  { id, fields, further, action, words, more, isKept = false }: FieldsForm,
): Html {
  const list = settings.list();
  return html`<form
    method="post"
    action="${view.path}"
    id="${id}"
    class="stack"
    ${isKept && html`data-kept`}
  >
    ${formToken(view.session)}
    <input type="hidden" name="${VERSION_FIELD}" value="${settings.version}" />
    <input type="hidden" name="action" value="${action}" />
    <div class="options">${fieldViews(fields, list, view)}</div>
    ${
      further &&
      html`${further.heading}
        <div class="options">${fieldViews(further.fields, list, view)}</div>`
    }
    ${
      !areLocked([...fields, ...(further?.fields ?? [])], list) &&
      html`<p class="buttons in-sight"><button class="primary">${words}</button>${more}</p>`
    }
  </form>`;
}
