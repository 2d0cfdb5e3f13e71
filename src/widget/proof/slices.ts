import type { Challenge } from "./challenge.ts";
import { createSolver, FIRST_NUMBER, STEP } from "./solver.ts";

/** How long the page waits for a slice of the work, in milliseconds: half a frame. */
const SLICE_MS = 8;
/** In a tab that nobody sees: there, a browser gives a page one slice a second. */
const HIDDEN_SLICE_MS = 150;

/**
 * Solves a challenge on the page, in slices with time for the page between them.
 * @returns the numbers; undefined when the signal aborts
 */
export async function solveInSlices(
  { token, parts, bits }: Challenge,
  signal: AbortSignal,
): Promise<readonly number[] | undefined> {
  const { seedOf, search } = createSolver();
  const numbers: number[] = [];
  let first = FIRST_NUMBER;
  while (!signal.aborted) {
    const end = performance.now() + (document.hidden ? HIDDEN_SLICE_MS : SLICE_MS);
    while (performance.now() < end) {
      const number = search(seedOf(token, numbers.length), bits, first);
      first += STEP;
      if (number === undefined) continue;
      first = FIRST_NUMBER;
      if (numbers.push(number) === parts) return numbers;
    }
    await new Promise((resolve) => setTimeout(resolve));
  }
  return undefined;
}
