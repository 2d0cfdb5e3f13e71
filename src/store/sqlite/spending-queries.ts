import type { Database } from "bun:sqlite";

import type { Amount } from "../spending-store.ts";
import { ALL_HELD } from "./held-text.ts";

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

type NoteParams = [at: number, limit: number, period: string];

type AmountParams = [inputTokens: number, outputTokens: number, cost: number];

const ADD = `ON CONFLICT DO UPDATE SET input_tokens = input_tokens + excluded.input_tokens,
  output_tokens = output_tokens + excluded.output_tokens, cost = cost + excluded.cost`;
const AMOUNT = "input_tokens AS inputTokens, output_tokens AS outputTokens, cost";

const SUMS =
  "sum(input_tokens) AS inputTokens, sum(output_tokens) AS outputTokens, sum(cost) AS cost";

/** What was spent in a period. */
export interface SpentRow extends Amount {
  readonly period: string;
}

export type SpendingStatements = ReturnType<typeof prepareSpending>;

/** The statements of the ledger. */
export function prepareSpending(db: Database) {
  return {
    /** Parameters: period, party. */
    spentBy: db.query<Amount, [string, string]>(
      `SELECT ${AMOUNT} FROM spending WHERE period = ? AND party = ?`,
    ),
    /** Adds what was spent, the same to a month and a day. */
    addSpent: db.query<null, [...AmountParams, string, string]>(
      `INSERT INTO spending (period, party, input_tokens, output_tokens, cost)
       VALUES (?4, '', ?1, ?2, ?3), (?5, '', ?1, ?2, ?3) ${ADD}`,
    ),
    /** Adds what a party has spent on a day. */
    addShare: db.query<null, [string, string, ...AmountParams]>(
      `INSERT INTO spending (period, party, input_tokens, output_tokens, cost)
       VALUES (?, ?, ?, ?, ?) ${ADD}`,
    ),
    hold: db.query<null, HoldParams>(
      `INSERT INTO spending_held (id, owner, day, month, input_tokens, output_tokens, cost, parties, at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    ),
    isHeld: db.query<{ id: string }, [string]>("SELECT id FROM spending_held WHERE id = ?"),
    /** What commands have set aside. Mostly nothing, which an index of these alone says at once. */
    heldByCommands: db.query<HeldRow, []>("SELECT * FROM spending_held WHERE owner = 'command'"),
    /** What everybody has set aside, by period. */
    held: db.query<SpentRow, []>(
      `SELECT day AS period, ${SUMS} FROM (${ALL_HELD}) GROUP BY day
       UNION ALL SELECT month, ${SUMS} FROM (${ALL_HELD}) GROUP BY month`,
    ),
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
    spentIn: db.query<SpentRow, [string]>(
      `SELECT period, ${AMOUNT} FROM spending
       WHERE party = '' AND period IN (SELECT value FROM json_each(?))`,
    ),
    /** A day's name is longer than a month's. */
    spentByDay: db.query<SpentRow, [string, string]>(
      `SELECT period, ${AMOUNT} FROM spending
       WHERE party = '' AND period BETWEEN ? AND ? AND length(period) = 10 ORDER BY period`,
    ),
    /** Only what changes a row is noticed, so that no trigger looks at rows that are added. */
    addPeriod: db.query<null, [string]>(
      "INSERT INTO spending (period, party) VALUES (?, '') ON CONFLICT DO NOTHING",
    ),
    note: {
      warning: db.query<null, NoteParams>(`${noteAs("warned")} AND reached_limit IS NOT ?2`),
      reached: db.query<null, NoteParams>(noteAs("reached")),
    },
  };
}

/** The columns of a mark are set once for each budget. */
function noteAs(mark: string): string {
  return `UPDATE spending SET ${mark}_at = ?1, ${mark}_limit = ?2
    WHERE period = ?3 AND party = '' AND ${mark}_limit IS NOT ?2`;
}
