import type { Amount, Periods } from "../spending-store.ts";

/** A call that something was set aside for. */
export interface ReservedCall extends Periods {
  readonly id: string;
  readonly amount: Amount;
  /** Their keys. */
  readonly parties: readonly string[];
}

/** What the row of an answer under way keeps of what is set aside for it, as JSON: a row of spending_held without its id. */
type HeldText = readonly [
  owner: string,
  day: string,
  month: string,
  inputTokens: number,
  outputTokens: number,
  cost: number,
  parties: readonly string[],
  at: number,
];

/** All that is set aside: for answers under way, which are in `unindexed`, and for other calls. */
export const ALL_HELD = `SELECT * FROM spending_held UNION ALL
  SELECT turn_id, held ->> 0, held ->> 1, held ->> 2, held ->> 3, held ->> 4, held ->> 5, held -> 6, held ->> 7
  FROM messages WHERE id IN (SELECT id FROM unindexed) AND held IS NOT NULL`;

export function writeHeld(
  { day, month, amount, parties }: ReservedCall,
  { owner, at }: { readonly owner: string; readonly at: number },
): string {
  const { inputTokens, outputTokens, cost } = amount;
  const row: HeldText = [owner, day, month, inputTokens, outputTokens, cost, parties, at];
  return JSON.stringify(row);
}

/** @param id of the turn */
export function readHeld(id: string, text: string): ReservedCall {
  const row: HeldText = JSON.parse(text);
  const [, day, month, inputTokens, outputTokens, cost, parties] = row;
  return { id, day, month, amount: { inputTokens, outputTokens, cost }, parties };
}
