/** How long something can be undone, in milliseconds. */
const UNDO_MS = 8000;

/** Something was done that can be undone for a while. */
export interface Undo {
  /** Begins the while. Ends the one before. */
  offer(onEnd: (isLeaving: boolean) => void): void;
  /** Ends it now. */
  end(): void;
}

export function createUndo(signal: AbortSignal): Undo {
  let timer = 0;
  let atEnd = (_isLeaving: boolean) => {};

  /** @param leaving the event, if the page is being left */
  function end(leaving?: Event): void {
    clearTimeout(timer);
    const ended = atEnd;
    atEnd = () => {};
    ended(!!leaving);
  }

  addEventListener("pagehide", end, { signal });
  return {
    offer(onEnd) {
      end();
      atEnd = onEnd;
      timer = setTimeout(end, UNDO_MS);
    },
    end,
  };
}
