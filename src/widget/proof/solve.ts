import { readChallenge } from "./challenge.ts";
import { solveInSlices } from "./slices.ts";
import { solveInWorker } from "./worker.ts";

/**
 * Solves a challenge, in a Worker where the page allows one.
 * @param challenge as the server sent it, unchecked
 * @returns the value of the header `x-proof`; undefined for what cannot be solved, and when the signal aborts
 */
export async function solve(challenge: unknown, signal: AbortSignal): Promise<string | undefined> {
  const asked = readChallenge(challenge);
  if (!asked || signal.aborted) return undefined;
  const numbers = (await solveInWorker(asked, signal)) ?? (await solveInSlices(asked, signal));
  return numbers && `${asked.token}~${numbers.join("-")}`;
}
