import type { Config } from "../config/config.ts";
import type { ModelPrices } from "../config/model-prices.ts";
import { type BudgetUnit, pricesInForce } from "../config/spending.ts";
import { NOTHING } from "../store/spending-rules.ts";
import type { Amount, SpendingStore, Spent } from "../store/spending-store.ts";
import { dayText, monthOf } from "./periods.ts";

/** What is spent in a day or a month. */
interface PeriodReport {
  /** Such as 2026-11-26 or 2026-11. */
  readonly period: string;
  readonly spent: Amount;
  /** What is set aside for calls under way. */
  readonly held: Amount;
  /** In the unit: of money, in millionths of the currency. Missing: there is none. */
  readonly budget?: number;
}

/** What the model costs, for a program of the owner. Sums of money are in millionths of the currency. */
export interface SpendingReport {
  readonly isModelOn: boolean;
  readonly unit: BudgetUnit;
  readonly currency: string;
  /** For a million tokens. Missing: nobody knows. */
  readonly prices?: ModelPrices;
  readonly day: PeriodReport;
  readonly month: PeriodReport;
  /** The oldest first. Days without any calls are left out. */
  readonly days: readonly (Amount & { readonly day: string })[];
}

interface ReportDeps {
  readonly config: Pick<Config, "spending" | "model">;
  readonly store: Pick<SpendingStore, "spentIn" | "spentByDay">;
}

/**
 * @param today as LocalDays numbers it
 * @param days how many, today included
 */
export async function readSpending(
  { config, store }: ReportDeps,
  today: number,
  days: number,
): Promise<SpendingReport> {
  const { isModelOn, unit, currency, perDay, perMonth } = config.spending;
  const prices = pricesInForce(config);
  const day = dayText(today);
  const month = monthOf(day);
  const [ofDay, ofMonth] = await store.spentIn([day, month]);
  const byDay = await store.spentByDay(dayText(today - days + 1), day);
  return {
    isModelOn,
    unit,
    currency,
    ...(prices && { prices }),
    day: report(day, ofDay, perDay),
    month: report(month, ofMonth, perMonth),
    days: byDay.map((sum) => ({ day: sum.period, ...toAmount(sum) })),
  };
}

function report(period: string, sum: Spent | undefined, budget: number | undefined): PeriodReport {
  const spent = sum === undefined ? NOTHING : toAmount(sum);
  const held = sum?.held ?? NOTHING;
  return { period, spent, held, ...(budget === undefined ? {} : { budget }) };
}

function toAmount({ inputTokens, outputTokens, cost }: Amount): Amount {
  return { inputTokens, outputTokens, cost };
}
