import type { WidgetSettings } from "../../config/widget.ts";
import { type Html, html } from "../html.ts";

/** What the widget says and shows by itself, to a visitor who reads English. */
export const OWN = {
  title: "Chat",
  greeting: "Hi! How can I help you?",
  placeholder: "Write a message…",
  notice: "An AI answers and can be wrong.",
  privacy: "Privacy",
  color: "#3b5cdb",
} as const;

/** A drawing of the widget: it needs no script, and shows what is not saved yet. */
export function widgetPreview(settings: WidgetSettings): Html {
  const { title, greeting, suggestions, notice = OWN.notice, privacyUrl, color } = settings;
  return html`<figure class="widget-preview">
    <figcaption class="unseen">The widget with these settings</figcaption>
    <p class="head" dir="auto">${title ?? OWN.title}</p>
    <div class="said">
      <p class="bubble" dir="auto"><span>${greeting ?? OWN.greeting}</span></p>
      <p class="bubble visitor ${isLight(color ?? OWN.color) && "on-light"}">
        ${filled(color ?? OWN.color)}<span>A visitor’s question</span>
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
      ${!/^off$/i.test(notice) && notice} ${privacyUrl !== undefined && html`<u>${OWN.privacy}</u>`}
    </p>
  </figure>`;
}

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
