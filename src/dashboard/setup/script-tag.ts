import { widgetFiles } from "../../assets/widget-files.ts";
import { type Html, html } from "../html.ts";
import type { Attributes } from "./options.ts";
import { scriptTag } from "./tags.ts";

interface TagOptions {
  /** The address that visitors use. */
  readonly publicUrl: string;
  readonly attributes: Attributes;
}

/** The tag that always loads the current widget, as text to copy. It is escaped once more when it is shown. */
export function currentTag({ publicUrl, attributes }: TagOptions): string {
  return scriptTag(publicUrl + widgetFiles.loader.path, attributes);
}

/** The tag for exactly this version of the widget, which the browser checks. */
export function pinnedTag({ publicUrl, attributes }: TagOptions): string {
  return scriptTag(publicUrl + widgetFiles.whole.path, [
    ["integrity", widgetFiles.whole.integrity],
    ["crossorigin", "anonymous"],
    ...attributes,
  ]);
}

/** A text with a button that copies it. */
export function snippet(id: string, title: string, text: string): Html {
  return html`<div class="snippet">
    <p class="label" id="${id}-label">${title}</p>
    <pre
      id="${id}"
      tabindex="0"
      role="group"
      aria-labelledby="${id}-label"
    ><code>${text}</code></pre>
    <button type="button" data-copy="${id}" aria-describedby="${id}-label" hidden>Copy</button>
  </div>`;
}
