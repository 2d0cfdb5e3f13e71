import { UTC_DAYS } from "../../src/runtime/local-days.ts";
import { periodsOf } from "../../src/spending/periods.ts";
import type { Amount, SpendingStore } from "../../src/store/spending-store.ts";

/** Stores what a call of the model has cost, as one that was not reserved. `cost` in millionths. */
export async function storeSpent(
  store: SpendingStore,
  at: number,
  amount: Partial<Amount>,
): Promise<void> {
  await store.settle(`m_${crypto.randomUUID()}`, {
    ...periodsOf(UTC_DAYS.dayOf(at)),
    amount: { inputTokens: 0, outputTokens: 0, cost: 0, ...amount },
    isReserved: false,
  });
}

/** Sets aside what a call may cost, which stays under way. */
export async function storeHeld(
  store: SpendingStore,
  at: number,
  tokens: { readonly inputTokens: number; readonly outputTokens: number },
): Promise<void> {
  const refused = await store.reserve({
    ...periodsOf(UTC_DAYS.dayOf(at)),
    ...tokens,
    id: `m_${crypto.randomUUID()}`,
    owner: "",
    prices: { input: 1, output: 1 },
    unit: "tokens",
    perDay: undefined,
    perMonth: undefined,
    parties: [],
    at,
  });
  if (refused !== undefined) throw new Error("Nothing was set aside.");
}
