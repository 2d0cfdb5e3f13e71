import { widgetFiles } from "../../assets/widget-files.ts";
import type { WidgetSettings } from "../../config/widget.ts";
import type { Link } from "../../http/link.ts";
import { type Content, type Html, html } from "../html.ts";
import { widgetPreview } from "./widget-preview.ts";

interface LivePreviewOptions {
  readonly link: Link;
  readonly widgetKey: string;
  /** Of the element <chat-porch>. A script may change them. */
  readonly attributes: readonly (readonly [name: string, value: string])[];
  /** What is drawn without scripts. */
  readonly settings: WidgetSettings;
  readonly below: Content;
}

/** The widget itself, as a part of the page. Without scripts, a drawing of it. */
export function livePreview(options: LivePreviewOptions): Html {
  const { link, widgetKey, attributes, settings, below } = options;
  const named = attributes.map(([name, value]) => html`${name}="${value}" `);
  return html`<section class="card playground" aria-labelledby="preview">
    <h2 id="preview">Preview</h2>
    <chat-porch api-key="${widgetKey}" ${named} data-preview>
      ${widgetPreview(settings)}
    </chat-porch>
    ${below}
    <p class="hint">
      This is the widget itself. What you write in it is a conversation like those of your visitors.
    </p>
    <script type="module" src="${link(widgetFiles.element.path)}"></script>
  </section>`;
}
