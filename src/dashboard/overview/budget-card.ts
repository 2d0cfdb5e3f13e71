import type { Link } from "../../http/link.ts";
import { type Content, html } from "../html.ts";
import { budgetBars } from "../spending/budget-bar.ts";
import type { SpendingNow } from "../spending/spending-now.ts";

/** How much of the budgets is used. Nothing while there is none. */
export function budgetCard(link: Link, now: SpendingNow): Content {
  if (now.periods.every(({ budget }) => budget === undefined)) return undefined;
  return html`<section class="card" id="budget">
    <div class="heading">
      <h2>Budget</h2>
      <a href="${link("/dashboard/settings/spending")}">Change</a>
    </div>
    ${budgetBars(now)}
  </section>`;
}
