import { type Html, html } from "../html.ts";
import type { Day } from "./days.ts";
import type { Figure } from "./figures.ts";

/** All figures of each day, the newest first. */
export function dayTable(figures: readonly Figure[], days: readonly Day[]): Html {
  return html`<details id="figures">
    <summary>View as table</summary>
    <div class="scroll" tabindex="0" role="region" aria-label="Figures of each day">
      <table>
        <thead>
          <tr>
            <th scope="col">Day</th>
            ${figures.map(({ name }) => html`<th scope="col">${name}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${days.toReversed().map(
            (day) =>
              html`<tr>
                <th scope="row">${day.label}</th>
                ${figures.map(({ ofDay, format }) => {
                  const value = ofDay(day);
                  return html`<td>${value === undefined ? "–" : format(value)}</td>`;
                })}
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
    <p class="hint">
      Deleted conversations stay counted. Times are medians, exact to 5%. What is tried in the
      dashboard costs, too, and is no message.
    </p>
  </details>`;
}
