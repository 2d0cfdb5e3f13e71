import { formatNumber } from "../formats.ts";
import { type Html, html } from "../html.ts";

interface Part {
  /** The class that has its colour. */
  readonly colour: string;
  readonly count: number;
  /** What it counts, after the number. */
  readonly words: string;
}

/** The parts of a whole, drawn in one bar, and below it how many each has. There must be one at least. */
export function stackedBar(parts: readonly Part[]): Html {
  const all = parts.reduce((sum, { count }) => sum + count, 0);
  let x = 0;
  return html`<svg
      class="share stacked"
      viewBox="0 0 100 6"
      preserveAspectRatio="none"
      aria-hidden="true"
      focusable="false"
    >
      ${parts.map(({ colour, count }) => {
        const width = (100 * count) / all;
        const bar = html`<rect class="${colour}" x="${x}" width="${width}" height="6" />`;
        x += width;
        return bar;
      })}
    </svg>
    <ul class="legend">
      ${parts.map(
        ({ colour, count, words }) =>
          html`<li class="${colour}">${formatNumber(count)} ${words}</li> `,
      )}
    </ul>`;
}
