/** Notices silence: calls back once nothing has happened for a while. */
export interface IdleTimer {
  /** Something happened. Costs a clock reading, no timer: it is called for every token. */
  touch(): void;
  /** Something happened, and from now on another silence counts. */
  restart(limitMs: number): void;
  stop(): void;
}

/**
 * Calls `onIdle` each time `limitMs` have passed without a touch. The timer is armed again only when
 * it fires too early, so a stream of a thousand tokens sets it a handful of times.
 */
export function createIdleTimer(limitMs: number, onIdle: () => void): IdleTimer {
  let limit = limitMs;
  let lastTouch = performance.now();
  let timer = setTimeout(check, limit);

  function check(): void {
    const leftMs = limit - (performance.now() - lastTouch);
    // A timer may fire a fraction of a millisecond early; that much is no silence less.
    if (leftMs >= 1) {
      timer = setTimeout(check, leftMs);
      return;
    }
    lastTouch = performance.now();
    timer = setTimeout(check, limit);
    onIdle();
  }

  return {
    touch() {
      lastTouch = performance.now();
    },
    restart(nextLimitMs) {
      clearTimeout(timer);
      limit = nextLimitMs;
      lastTouch = performance.now();
      timer = setTimeout(check, limit);
    },
    stop() {
      clearTimeout(timer);
    },
  };
}
