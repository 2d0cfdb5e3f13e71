import type { Database } from "bun:sqlite";

import type { SpendingRow } from "../spending-rules.ts";

/** What is set aside for a call. */
export interface HeldRow {
  readonly id: string;
  readonly day: string;
  readonly month: string;
  readonly input_tokens: number;
  readonly output_tokens: number;
  readonly cost: number;
  /** Keys, as JSON. */
  readonly parties: string;
}

type HoldParams = [
  id: string,
  owner: string,
  day: string,
  month: string,
  inputTokens: number,
  outputTokens: number,
  cost: number,
  parties: string,
  at: number,
];

/** What is used of a limit, in tokens and in money. */
export interface UsedRow {
  readonly tokens: number;
  readonly held_tokens: number;
  readonly cost: number;
  readonly held_cost: number;
}

/** The statements of the ledger. */
export function prepareSpending(db: Database) {
  return {
    /** Parameters: period, party. */
    used: db.query<UsedRow, [string, string]>(
      `SELECT input_tokens + output_tokens AS tokens, held_input + held_output AS held_tokens, cost, held_cost
       FROM spending WHERE period = ? AND party = ?`,
    ),
    /** Adds what was spent and what is held, the same to a month, a day, and parties on that day. */
    add: eachPrepared((parties) => {
      const rows = ["(?7, '',", "(?8, '',", ...places(9, parties).map((party) => `(?8, ${party},`)];
      return db.query<null, (number | string)[]>(
        `INSERT INTO spending (period, party, input_tokens, output_tokens, cost, held_input, held_output, held_cost)
         VALUES ${rows.map((row) => `${row} ?1, ?2, ?3, ?4, ?5, ?6)`).join(", ")}
         ON CONFLICT DO UPDATE SET
           input_tokens = input_tokens + excluded.input_tokens,
           output_tokens = output_tokens + excluded.output_tokens,
           cost = cost + excluded.cost,
           held_input = held_input + excluded.held_input,
           held_output = held_output + excluded.held_output,
           held_cost = held_cost + excluded.held_cost`,
      );
    }),
    hold: db.query<null, HoldParams>(
      `INSERT INTO spending_held (id, owner, day, month, input_tokens, output_tokens, cost, parties, at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    ),
    held: db.query<{ id: string }, [string]>("SELECT id FROM spending_held WHERE id = ?"),
    release: db.query<HeldRow, [string]>("DELETE FROM spending_held WHERE id = ? RETURNING *"),
    /** Parameters: this process, the name of all commands, the time before which those have ended. */
    releaseOrphans: db.query<HeldRow, [string, string, number]>(
      "DELETE FROM spending_held WHERE owner <> ? AND (owner <> ? OR at < ?) RETURNING *",
    ),
    /** Whether an answer has ended in this very way. */
    hasEndedSo: db.query<{ id: number }, [string, string, string, number | null]>(
      `SELECT id FROM messages WHERE turn_id = ? AND role = 'assistant' AND status = ? AND content = ?
         AND duration_ms IS ?`,
    ),
    forgetParties: db.query<null, [string]>(
      "DELETE FROM spending WHERE party <> '' AND period < ?",
    ),
    spentIn: db.query<SpendingRow, [string]>(
      `SELECT * FROM spending
       WHERE party = '' AND period IN (SELECT value FROM json_each(?))`,
    ),
    /** A day's name is longer than a month's. */
    spentByDay: db.query<SpendingRow, [string, string]>(
      `SELECT * FROM spending WHERE party = '' AND period BETWEEN ? AND ? AND length(period) = 10
       ORDER BY period`,
    ),
    /** Only what changes a row is noticed, so that no trigger looks at rows that are added. */
    addPeriod: db.query<null, [string]>(
      "INSERT INTO spending (period, party) VALUES (?, '') ON CONFLICT DO NOTHING",
    ),
    note: {
      warning: db.query<null, [number, string]>(noteAs("warned_at")),
      reached: db.query<null, [number, string]>(noteAs("reached_at")),
    },
  };
}

function noteAs(column: string): string {
  return `UPDATE spending SET ${column} = ? WHERE period = ? AND party = '' AND ${column} IS NULL`;
}

/** The parameters of a statement from a place on. */
function places(first: number, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `?${first + index}`);
}

/** Prepares a statement once for each number of parties. */
function eachPrepared<Statement>(prepare: (parties: number) => Statement) {
  const prepared: Statement[] = [];
  return (parties: number) => (prepared[parties] ??= prepare(parties));
}
