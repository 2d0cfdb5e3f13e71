import { formatNumber } from "../formats.ts";
import { type Content, html } from "../html.ts";
import type { Period } from "./choice.ts";
import type { Figure } from "./figures.ts";

/** How a figure of a period has changed against the days before. Nothing when there is nothing to compare with. */
export function changeView(
  figure: Pick<Figure, "limit" | "isBad">,
  value: number | undefined,
  before: number | undefined,
  period: Period,
): Content {
  const amount =
    value === undefined || before === undefined ? undefined : amountOf(figure, value, before);
  if (amount === undefined) return undefined;
  const than = `the ${period} days before`;
  if (amount.size === 0)
    return html`<span class="change">no change <span class="unseen">from ${than}</span></span>`;
  const isMore = amount.size > 0;
  const tone = figure.isBad === true && (isMore ? "worse" : "better");
  return html`<span class="change ${tone}" title="Than in ${than}"
    ><span aria-hidden="true">${isMore ? "▲" : "▼"}</span> ${amount.words}
    <span class="unseen">${isMore ? "more" : "less"} than in ${than}</span></span
  >`;
}

/** Of a share, points: 2% after 1% is not a problem twice as large. Of other figures, percent. */
function amountOf({ limit }: Pick<Figure, "limit">, value: number, before: number) {
  if (limit !== undefined) {
    const size = Math.round((value - before) * 1000) / 10;
    return { size, words: `${formatNumber(Math.abs(size))} points` };
  }
  if (before === 0) return undefined;
  const size = Math.round((value / before - 1) * 100);
  return { size, words: `${formatNumber(Math.abs(size))}%` };
}
