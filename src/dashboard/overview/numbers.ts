import type { Html } from "../html.ts";
import { html } from "../html.ts";
import { changeView } from "./change.ts";
import { DEFAULT_PERIOD, type Period, PERIODS, type Periods } from "./days.ts";
import { FIGURE_IDS, type FigureId, FIGURES } from "./figures.ts";

/** What the owner has chosen to see. */
export interface Chosen {
  readonly period: Period;
  readonly figure: FigureId;
}

/** What was chosen in an address. What it leaves out has a default. */
export function chosenOf(query: {
  readonly days?: string | undefined;
  readonly figure?: string | undefined;
}): Chosen {
  return {
    period: PERIODS.find((each) => String(each) === query.days) ?? DEFAULT_PERIOD,
    figure: FIGURE_IDS.find((each) => each === query.figure) ?? "conversations",
  };
}

/** The address of the overview with another choice. */
type Choose = (chosen: Chosen) => string;

/** The five figures with their changes. Each is a link that draws it. */
export function numbersView({ days, before }: Periods, chosen: Chosen, choose: Choose): Html {
  return html`<nav class="numbers" aria-label="Figures">
    ${Object.values(FIGURES).map((figure) => {
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
