import type { WidgetSettings } from "../../config/widget.ts";
import { type Html, html } from "../html.ts";
import { OWN } from "./widget-attributes.ts";

/** A drawing of the widget: it needs no script, and shows what is not saved yet. */
export function widgetPreview(settings: WidgetSettings): Html {
  const { title, subtitle, greeting, suggestions, notice = OWN.notice, privacyUrl } = settings;
  const { color = OWN.color, logo } = settings;
  return html`<figure class="widget-preview">
      <figcaption class="unseen">The widget with these settings</figcaption>
      <div class="head">
        <span class="avatar ${isLight(color) && "on-light"}" aria-hidden="true">
          ${filled(color)}<span>${title === undefined ? ICON : [...title][0]?.toUpperCase()}</span>
        </span>
        <div>
          <p dir="auto">${title ?? OWN.title}</p>
          <p class="subtitle" dir="auto">${subtitle ?? OWN.subtitle}</p>
        </div>
      </div>
      <div class="said">
        <p class="bubble" dir="auto"><span>${greeting ?? OWN.greeting}</span></p>
        <p class="bubble visitor ${isLight(color) && "on-light"}">
          ${filled(color)}<span>A visitor’s question</span>
        </p>
        ${
          suggestions.length > 0 &&
          html`<p class="suggestions">
            ${suggestions.map((each) => html`<span dir="auto">${each}</span>`)}
          </p>`
        }
      </div>
      <p class="input">${OWN.placeholder}</p>
      <p class="small" dir="auto">
        ${!/^off$/i.test(notice) && notice}
        ${privacyUrl !== undefined && html`<u>${OWN.privacy}</u>`}
      </p>
    </figure>
    ${
      logo !== undefined &&
      html`<p class="hint">
        On your pages your logo takes the place of the letter. The dashboard loads nothing from
        elsewhere.
      </p>`
    }`;
}

/** What the widget has there without a title of the owner's. */
const ICON = html`<svg class="icon" viewBox="0 0 24 24" focusable="false">
  <path d="M20 11.5a8 8 0 0 1-11.5 7.1L4 20l1.4-4.5A8 8 0 1 1 20 11.5Z" />
</svg>`;

/** The owner's colour as a background. A style in the page would be refused by its policy; an attribute of SVG is not. */
function filled(color: string): Html {
  return html`<svg aria-hidden="true" focusable="false">
    <rect width="100%" height="100%" fill="${color}" />
  </svg>`;
}

/** Whether black text is easier to read on it than white text (WCAG 2.2, "relative luminance"). */
export function isLight(color: string): boolean {
  const digits = color.slice(1);
  const pairs = digits.length === 3 ? [...digits].map((digit) => digit + digit) : pairsOf(digits);
  const [red = 0, green = 0, blue = 0] = pairs.map((pair) => linear(Number.parseInt(pair, 16)));
  const luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  // The widget prefers white, as long as its contrast is 4.5.
  return 1.05 / (luminance + 0.05) < 4.5;
}

function pairsOf(digits: string): string[] {
  return [0, 2, 4].map((start) => digits.slice(start, start + 2));
}

function linear(part: number): number {
  const share = part / 255;
  return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
}
