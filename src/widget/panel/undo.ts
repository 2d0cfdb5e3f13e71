/** How long something can be undone, in milliseconds. */
const UNDO_MS = 8000;

/** Something was done that can be undone for a while. */
export interface Undo {
  /** Begins the while. Ends the one before. */
  offer(onEnd: () => void): void;
  /** Ends it now: because it was undone, or because the page is being left. */
  end(): void;
}

export function createUndo(signal: AbortSignal): Undo {
  let timer = 0;
  let atEnd = () => {};

  function end(): void {
    clearTimeout(timer);
    const ended = atEnd;
    atEnd = () => {};
    ended();
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
