import { formatNumber } from "../formats.ts";
import { type Html, html } from "../html.ts";
import { barImage } from "../share-bar.ts";

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
  const rectangles = parts.map(({ colour, count }) => {
    const width = (100 * count) / all;
    const rectangle = html`<rect class="${colour}" x="${x}" width="${width}" height="6" />`;
    x += width;
    return rectangle;
  });
  return html`${barImage("stacked", rectangles)}
    <ul class="legend">
      ${parts.map(
        ({ colour, count, words }) =>
          html`<li class="${colour}">${formatNumber(count)} ${words}</li> `,
      )}
    </ul>`;
}
