import { startStopwatch } from "../../harness/stopwatch.ts";

const PATIENCE_MS = 8000;
const LOOK_EVERY_MS = 5;

/** Waits until it is so, and returns how long that took in milliseconds of a stopwatch. */
export async function until(isSo: () => boolean | Promise<boolean>): Promise<number> {
  const stopwatch = startStopwatch();
  while (!(await isSo())) {
    if (stopwatch() > PATIENCE_MS) throw new Error(`not so: ${isSo}`);
    await Bun.sleep(LOOK_EVERY_MS);
  }
  return stopwatch();
}
