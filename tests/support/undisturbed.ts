import { test } from "bun:test";

/** To a process that was away for longer, a server that is well may seem silent. */
const MAX_ABSENCE_MS = 1000;
const LOOK_EVERY_MS = 50;
const MAX_RUNS = 3;

/**
 * As test.concurrent. A run that fails is repeated when this process was away meanwhile, because the machine gave it
 * no processor: such a run shows nothing about what it tests.
 */
export function undisturbed(name: string, run: () => Promise<void>): void {
  test.concurrent(name, async () => {
    for (let runs = 1; ; runs++) {
      const absence = watchAbsence();
      try {
        return await run();
      } catch (error) {
        if (absence.longestMs < MAX_ABSENCE_MS || runs === MAX_RUNS) throw error;
      } finally {
        absence.stop();
      }
    }
  });
}

function watchAbsence() {
  let lookedAt = performance.now();
  const absence = { longestMs: 0, stop: () => clearInterval(timer) };
  const timer = setInterval(() => {
    const now = performance.now();
    absence.longestMs = Math.max(absence.longestMs, now - lookedAt);
    lookedAt = now;
  }, LOOK_EVERY_MS);
  return absence;
}
