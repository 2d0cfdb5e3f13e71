import type { ModelPrices } from "../config/model-prices.ts";
import { hasBudget, type SpendingSettings } from "../config/spending.ts";
import type { SpentByAnswer } from "../conversation/records.ts";
import { costOf } from "../store/spending-rules.ts";
import type { Amount, Party, Periods, Reservation } from "../store/spending-store.ts";
import type { Tokens } from "./charge.ts";

/** How one call of the model is counted: decided before it, and kept until it is over. */
export interface Account {
  readonly periods: Periods;
  /** Undefined: nobody knows what the model takes. */
  readonly prices: ModelPrices | undefined;
  /** What is set aside. Undefined: there is no budget. */
  readonly reservation: Reservation | undefined;
  /** The owner has switched the model off. Then no reservation fits. */
  readonly isOff: boolean;
}

/** A call that may be made. */
interface WantedCall {
  readonly id: string;
  readonly owner: string;
  readonly periods: Periods;
  readonly prices: ModelPrices | undefined;
  /** At most. */
  readonly tokens: Tokens;
  readonly parties: readonly Party[];
  readonly at: number;
}

const FREE: ModelPrices = { input: 0, output: 0 };

export function openAccount(settings: SpendingSettings, wanted: WantedCall): Account {
  const { periods, prices } = wanted;
  const isOff = !settings.isModelOn;
  const isLimited = isOff || hasBudget(settings);
  const reservation = isLimited ? reservationOf(settings, wanted) : undefined;
  return { periods, prices, reservation, isOff };
}

/** While the model is off, the budget is nothing: the store decides alike for questions that a person answers. */
function reservationOf(
  { isModelOn, unit, perDay, perMonth }: SpendingSettings,
  { id, owner, periods, prices = FREE, tokens, parties, at }: WantedCall,
): Reservation {
  const shared = { id, owner, ...periods, ...tokens, prices, at };
  if (!isModelOn) return { ...shared, unit: "tokens", perDay: 0, perMonth: 0, parties: [] };
  return { ...shared, unit, perDay, perMonth, parties };
}

/** What an answer has cost, as it is stored with it. */
export function spentByAnswer(
  { periods, prices, reservation }: Account,
  tokens: Tokens,
): SpentByAnswer {
  const cost = (prices && costOf(prices, tokens)) || undefined;
  return { ...tokens, ...periods, cost, isReserved: reservation !== undefined };
}

export function amountOf({ prices = FREE }: Pick<Account, "prices">, tokens: Tokens): Amount {
  return { ...tokens, cost: costOf(prices, tokens) };
}
