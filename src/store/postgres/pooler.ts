import { SQL } from "bun";

import { readError } from "./fault.ts";

/** How often each client repeats its statement. A pooler that mixes them up was always found by the second. */
const ROUNDS = 3;
/**
 * What PostgreSQL says of a prepared statement that exists twice, does not exist, or has other parameters than
 * were sent.
 */
const MIXED_UP = ["42P05", "26000", "08P01"];

/**
 * Whether a pooler between here and PostgreSQL runs one client's prepared statement for another. PgBouncer before
 * 1.21 does so in transaction mode: both clients name their first statement P0, and share a connection. Reads
 * would return somebody else's rows, without any error.
 * @throws what the client throws
 */
export async function swapsStatements(url: string, timeoutSeconds: number): Promise<boolean> {
  const client = () => new SQL(url, { max: 1, connectionTimeout: timeoutSeconds });
  const [one, other] = [client(), client()];
  try {
    for (let round = 0; round < ROUNDS; round++) {
      const rows = [
        ...(await one`SELECT ${"own"}::text || '-one' AS own`),
        ...(await other`SELECT ${"own"}::text || '-other' AS own`),
      ];
      const seen = rows.map((row: unknown) => JSON.stringify(row));
      if (seen.join() !== '{"own":"own-one"},{"own":"own-other"}') return true;
    }
    return false;
  } catch (error) {
    if (MIXED_UP.includes(readError(error).state)) return true;
    throw error;
  } finally {
    await Promise.all([one.close({ timeout: 0 }), other.close({ timeout: 0 })]);
  }
}
