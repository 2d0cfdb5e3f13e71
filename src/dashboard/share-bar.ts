import { type Content, type Html, html } from "./html.ts";

/** A little is visible, too. In percent. */
const MIN_WIDTH = 0.5;

interface ShareBarOptions {
  readonly tone?: "accent" | "warn" | "bad";
  /** A larger share, drawn behind it. */
  readonly behind?: number;
}

/** A bar that is filled up to a share, as SVG, coloured by the style sheet. The text beside it says the same. */
export function shareBar(share: number, { tone = "accent", behind }: ShareBarOptions = {}): Html {
  return barImage(
    tone,
    html`<rect class="base" width="100" height="6" />
      ${behind !== undefined && html`<rect class="held" width="${widthOf(behind)}" height="6" />`}
      <rect class="filled" width="${widthOf(share)}" height="6" />`,
  );
}

function widthOf(share: number): number {
  const percent = Math.round(Math.min(Math.max(share, 0), 1) * 1000) / 10;
  return share > 0 ? Math.max(percent, MIN_WIDTH) : 0;
}

/** A bar of rectangles, 100 wide and 6 high. */
export function barImage(className: string, rectangles: Content): Html {
  return html`<svg
    class="share ${className}"
    viewBox="0 0 100 6"
    preserveAspectRatio="none"
    aria-hidden="true"
    focusable="false"
  >
    ${rectangles}
  </svg>`;
}
