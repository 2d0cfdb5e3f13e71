/** An answer that did not come in time. */
export class DeadlineError extends Error {
  override readonly name = "DeadlineError";

  constructor(limitMs: number) {
    super(`no answer after ${Math.round(limitMs)} ms`);
  }
}

/** Rejects with a DeadlineError if the work takes longer. The work goes on. */
export function withDeadline<T>(work: Promise<T>, limitMs: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new DeadlineError(limitMs)), limitMs);
    const settle = () => clearTimeout(timer);
    work.then(resolve, reject);
    work.then(settle, settle);
  });
}
