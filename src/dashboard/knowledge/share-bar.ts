import { type Html, html } from "../html.ts";

/** A bar that is filled up to a share, as SVG, coloured by the style sheet. The text beside it says the same. */
export function shareBar(share: number, tone: "accent" | "bad" = "accent"): Html {
  const percent = Math.round(Math.min(Math.max(share, 0), 1) * 1000) / 10;
  // A little is visible, too.
  const width = share > 0 ? Math.max(percent, 0.5) : 0;
  return html`<svg
    class="share ${tone}"
    viewBox="0 0 100 6"
    preserveAspectRatio="none"
    aria-hidden="true"
    focusable="false"
  >
    <rect class="base" width="100" height="6" />
    <rect class="filled" width="${width}" height="6" />
  </svg>`;
}
