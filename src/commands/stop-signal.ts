/** The exit codes that a shell reports for a process that a signal ended. */
export const EXIT_OF_SIGNAL = { SIGINT: 130, SIGTERM: 143 } as const;
type StopSignal = keyof typeof EXIT_OF_SIGNAL;
/** One Ctrl-C can arrive twice: from the terminal, and from a runner such as `bun run` that forwards it. */
const SAME_SIGNAL_MS = 100;

/** Resolves with the first stop signal. A second one ends the process at once. */
export function firstSignal(): Promise<StopSignal> {
  return new Promise((resolve) => {
    let firstAt: number | undefined;
    for (const signal of ["SIGINT", "SIGTERM"] as const) {
      process.on(signal, () => {
        firstAt ??= performance.now();
        if (performance.now() - firstAt > SAME_SIGNAL_MS) process.exit(EXIT_OF_SIGNAL[signal]);
        resolve(signal);
      });
    }
  });
}

/** Aborts work at the first stop signal. `stopped` resolves with it. */
export function abortAtSignal(): {
  readonly signal: AbortSignal;
  readonly stopped: Promise<StopSignal>;
} {
  const stopping = new AbortController();
  const stopped = firstSignal().then((name) => {
    stopping.abort();
    return name;
  });
  return { signal: stopping.signal, stopped };
}
