import { waitMs } from "./proc.ts";

/**
 * Starts a watch that returns milliseconds. Those in which this process, or one of the others, was ready to run
 * but had no processor do not count. So what is measured does not depend on what else the machine does, and what
 * a process waits for still counts.
 * @param others the processes that the work goes through, as this one
 */
export function startStopwatch(...others: readonly number[]): () => number {
  const waits = new Map([process.pid, ...others].map((pid) => [pid, 0]));
  const now = () => {
    let ms = performance.now();
    for (const [pid, known] of waits) {
      // What a process that has ended had waited stays known.
      const waited = waitMs(pid) ?? known;
      waits.set(pid, waited);
      ms -= waited;
    }
    return ms;
  };
  const startedAt = now();
  return () => now() - startedAt;
}
