import { HOUR_MS } from "../../runtime/time.ts";
import { COMMAND, LONGEST_CALL_MS, spentInOrder } from "../spending-rules.ts";
import type { SpendingStore, Spent } from "../spending-store.ts";
import { StoreUnavailableError } from "../unavailable.ts";
import type { Pool } from "./pool.ts";
import {
  type RefusalRow,
  reservationText,
  SPENT_NOTHING,
  spentText,
  toRefused,
} from "./spending-values.ts";

const HOLD = "SELECT * FROM hold_spending($1, $2::text::json, 0)";
const SETTLE = `SELECT settle_spending($1, $2::text::json) AS "wasHeld"`;

/** Bun reads a sum of bigints as text, so it is read as a double (columns.ts). */
interface SpendingRow {
  readonly period: string;
  readonly input_tokens: number;
  readonly output_tokens: number;
  readonly cost: number;
  readonly held_input: number;
  readonly held_output: number;
  readonly held_cost: number;
}

const SUMS = `period, sum(input_tokens)::float8 AS input_tokens, sum(output_tokens)::float8 AS output_tokens,
  sum(cost)::float8 AS cost, sum(held_input)::float8 AS held_input, sum(held_output)::float8 AS held_output,
  sum(held_cost)::float8 AS held_cost`;
const SPENT_IN = `SELECT ${SUMS} FROM spending
  WHERE party = '' AND period = ANY ($1::text[]) GROUP BY period`;
/** A day's name is longer than a month's. */
const SPENT_BY_DAY = `SELECT ${SUMS} FROM spending
  WHERE party = '' AND period BETWEEN $1 AND $2 AND length(period) = 10 GROUP BY period ORDER BY period`;

/** What processes have set aside that are gone. Commands are no replicas: of those, what no call can be under way for. */
const ORPHANS = `SELECT id FROM spending_held
  WHERE CASE owner WHEN '${COMMAND}' THEN at < extract(epoch FROM now()) * 1000 - ${LONGEST_CALL_MS}
    ELSE owner NOT IN (SELECT id FROM replicas) END`;

/** How long a call that was counted is known: longer than anybody repeats a statement. */
const FORGET_COUNTED = "DELETE FROM spending_counted WHERE at < now() - interval '1 day'";
const FORGET_PARTIES = "DELETE FROM spending WHERE party <> '' AND period < $1";

/**
 * What the model costs, on PostgreSQL.
 * @param turns for what a call of the model waits for
 */
export function createSpending({
  turns,
  slow,
}: {
  readonly turns: Pool;
  readonly slow: Pool;
}): SpendingStore {
  /**
   * Calls that were refused because no answer came from the database, and when, by the monotonic clock. The statement may
   * still be on its way.
   */
  const lost = new Map<string, number>();

  async function settleLost(): Promise<void> {
    for (const [id, at] of lost) {
      await slow.query(SETTLE, [id, SPENT_NOTHING]);
      if (performance.now() - at > HOUR_MS) lost.delete(id);
    }
  }

  return {
    async reserve(reservation) {
      try {
        const [row] = await turns.query<RefusalRow>(HOLD, [
          reservation.id,
          reservationText(reservation),
        ]);
        return row && toRefused(row);
      } catch (error) {
        if (error instanceof StoreUnavailableError) lost.set(reservation.id, performance.now());
        throw error;
      }
    },

    async settle(id, { amount, ...settlement }) {
      await turns.query(SETTLE, [id, spentText(amount && { ...amount, ...settlement })]);
    },

    async settleOrphans(today) {
      await settleLost();
      // One at a time: a statement that locked the rows of several could wait for a question that waits for it.
      let settled = 0;
      for (const { id } of await slow.query<{ id: string }>(ORPHANS)) {
        const [row] = await slow.query<{ wasHeld: boolean }>(SETTLE, [id, undefined]);
        if (row?.wasHeld) settled += 1;
      }
      await slow.query(FORGET_COUNTED);
      await slow.query(FORGET_PARTIES, [today]);
      return settled;
    },

    async spentIn(periods) {
      const found = await turns.query<SpendingRow>(SPENT_IN, [[...periods]]);
      return spentInOrder(periods, found.map(toSpent));
    },

    async spentByDay(from, to) {
      return (await slow.query<SpendingRow>(SPENT_BY_DAY, [from, to])).map(toSpent);
    },

    async noteSpending({ period, mark, limit, at }) {
      const [row] = await turns.query<{ isFirst: boolean }>(
        `SELECT note_spending($1, $2, $3::bigint, $4::bigint, $5::boolean) AS "isFirst"`,
        (isRepeated) => [period, mark, limit, at, isRepeated],
      );
      return row?.isFirst === true;
    },
  };
}

function toSpent(row: SpendingRow): Spent {
  const { input_tokens: inputTokens, output_tokens: outputTokens, cost } = row;
  const { held_input: heldInput, held_output: heldOutput, held_cost: heldCost } = row;
  const held = { inputTokens: heldInput, outputTokens: heldOutput, cost: heldCost };
  return { period: row.period, inputTokens, outputTokens, cost, held };
}
