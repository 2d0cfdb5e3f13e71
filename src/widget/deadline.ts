/** Ends a request when its caller wants that, or when nothing was heard for too long. */
export interface Deadline {
  readonly signal: AbortSignal;
  /** Something was heard: the time begins again. */
  extend(): void;
  /** Ends the request, if it still runs. */
  end(): void;
}

export function createDeadline(caller: AbortSignal | undefined, milliseconds: number): Deadline {
  const controller = new AbortController();
  let timer = 0;

  function end(): void {
    clearTimeout(timer);
    caller?.removeEventListener("abort", end);
    controller.abort();
  }

  function extend(): void {
    clearTimeout(timer);
    timer = window.setTimeout(end, milliseconds);
  }

  if (caller?.aborted) end();
  else extend();
  caller?.addEventListener("abort", end);
  return { signal: controller.signal, extend, end };
}
