import { widgetFiles } from "../../assets/widget-files.ts";
import { type Html, html } from "../html.ts";
import type { Attributes } from "./options.ts";
import { pinnedTag, snippet } from "./script-tag.ts";
import { TAG_KINDS } from "./tags.ts";

interface TagsViewOptions {
  /** The address that visitors use. */
  readonly publicUrl: string;
  /** Not a secret: every visitor can read it in the page that embeds the widget. */
  readonly widgetKey: string;
  readonly attributes: Attributes;
}

/** The tag for each kind of website. The style sheet shows the one that is chosen, so that this needs no script. */
export function tagsView({ publicUrl, widgetKey, attributes }: TagsViewOptions): Html {
  const pinned = [publicUrl + widgetFiles.whole.path, widgetFiles.whole.integrity];
  const src = publicUrl + widgetFiles.loader.path;
  const all = [["data-api-key", widgetKey], ...attributes] as const;
  return html`<section
    class="card tags"
    data-tags
    data-src="${src}"
    data-key="${widgetKey}"
    data-pinned="${JSON.stringify(pinned)}"
  >
    <h2>Put the widget on your website</h2>
    <fieldset class="segments">
      <legend class="unseen">Made with</legend>
      ${TAG_KINDS.map(
        ({ id, name }, index) =>
          html`<label
            ><input type="radio" name="kind" value="${id}" ${index === 0 && html`checked`} />
            ${name}</label
          >`,
      )}
    </fieldset>
    ${TAG_KINDS.map(
      ({ id, hint, text }) =>
        html`<div class="kind ${id}">${snippet(`tag-${id}`, hint, text(src, all))}</div>`,
    )}
    <p class="hint">The key in it is public. <code>docs/widget.md</code> has every option.</p>
    <details id="strict">
      <summary>For a strict policy: only this version, checked by the browser</summary>
      <p class="hint">
        It stops working with the next update of chatporch. Copy the tag again right after each one.
      </p>
      ${snippet("pinned", "The tag of this version", pinnedTag({ publicUrl, attributes: all }))}
    </details>
  </section>`;
}
