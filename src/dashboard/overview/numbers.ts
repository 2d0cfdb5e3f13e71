import type { Html } from "../html.ts";
import { html } from "../html.ts";
import { changeView } from "./change.ts";
import { type Chosen, PERIODS } from "./choice.ts";
import type { Periods } from "./days.ts";
import type { Figure } from "./figures.ts";

/** The address of the overview with another choice. */
type Choose = (chosen: Chosen) => string;

/** The figures with their changes. Each is a link that draws it. */
export function numbersView(
  figures: readonly Figure[],
  { days, before }: Periods,
  chosen: Chosen,
  choose: Choose,
): Html {
  return html`<nav class="numbers" aria-label="Figures">
    ${figures.map((figure) => {
      const value = figure.ofPeriod(days);
      const isChosen = figure.id === chosen.figure;
      return html`<a
        id="figure-${figure.id}"
        href="${choose({ ...chosen, figure: figure.id })}"
        data-swap
        ${isChosen && html`aria-current="true"`}
      >
        <span class="label">${figure.name}</span>
        <span class="headline">${value === undefined ? "–" : figure.formatShort(value)}</span>
        ${changeView(figure, value, figure.ofPeriod(before), chosen.period)}
      </a>`;
    })}
  </nav>`;
}

export function periodsView(chosen: Chosen, choose: Choose): Html {
  return html`<nav class="segments" aria-label="Period">
    ${PERIODS.map(
      (period) =>
        html`<a
          id="days-${period}"
          href="${choose({ ...chosen, period })}"
          data-swap
          ${period === chosen.period && html`aria-current="true"`}
          >${period} days</a
        >`,
    )}
  </nav>`;
}
