import { formatMoney } from "../../config/money.ts";
import type { BudgetUnit } from "../../config/spending.ts";
import { WARNING_SHARE } from "../../spending/budget-marks.ts";
import { amountIn } from "../../store/spending-rules.ts";
import { formatCount, formatNumber, formatShare } from "../formats.ts";
import { type Content, type Html, html } from "../html.ts";
import { shareBar } from "../share-bar.ts";
import type { SpendingNow, SpendingPeriod } from "./spending-now.ts";

/** What was spent today and this month, each with a bar where it has a budget. */
export function budgetBars(now: SpendingNow): Html {
  return html`<div class="budgets">${now.periods.map((period) => periodView(now, period))}</div>`;
}

function periodView(now: SpendingNow, period: SpendingPeriod): Html {
  const { unit } = now;
  const { spent, budget, share } = period;
  const format = (amount: number) => formatAmount(now, amount);
  const held = amountIn(unit, spent.held);
  return html`<div class="budget">
    <h3>${period.name}</h3>
    <p class="headline">${headline(now, period)}</p>
    ${share !== undefined && budget !== undefined && bar(share, held / budget, period.isReached)}
    <p class="hint">
      ${share !== undefined && `${formatShare(share)} used. `}
      ${held > 0 && `${format(held)} more is set aside for answers under way. `}
      ${formatNumber(spent.inputTokens)} tokens read, ${formatNumber(spent.outputTokens)} written.
    </p>
    ${reachedView(period)}
  </div>`;
}

/** Such as `$1.25 of $5.00`, `1,500 of 10,000 tokens` or `$1.25 spent`. */
function headline(now: SpendingNow, { spent, budget }: SpendingPeriod): Html {
  const used = amountIn(now.unit, spent);
  if (budget === undefined) return html`${formatAmount(now, used)} <small>spent</small>`;
  const shown = now.unit === "tokens" ? formatNumber(used) : formatAmount(now, used);
  return html`${shown} <small>of ${formatAmount(now, budget)}</small>`;
}

function reachedView({ name, isReached }: SpendingPeriod): Content {
  if (!isReached) return undefined;
  const until = name === "Today" ? "tomorrow" : "next month";
  return html`<p class="problem">Reached: questions are refused until ${until}.</p>`;
}

/** A sum of money, or a number of tokens. */
function formatAmount(
  { unit, currency }: { readonly unit: BudgetUnit; readonly currency: string },
  amount: number,
): string {
  return unit === "money" ? formatMoney(amount, currency) : formatCount(amount, "token");
}

/** What is spent, and behind it what is set aside. */
function bar(spent: number, held: number, isReached: boolean): Html {
  const tone = isReached || spent >= 1 ? "bad" : spent >= WARNING_SHARE ? "warn" : "accent";
  return shareBar(spent, { tone, behind: spent + held });
}
