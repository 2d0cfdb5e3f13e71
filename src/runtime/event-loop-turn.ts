/** Between two turns that are waited for: a millisecond's worth of work. */
const UNHURRIED_PIECES = 32;
/** So many that come while a turn is waited for are a crowd: then each of them waits for a turn. */
const CROWD = 16;

let pieces = 0;
let maxPieces = UNHURRIED_PIECES;
let nextTurn: Promise<void> | undefined;

/**
 * To be asked between two pieces of work that comes from fetch, and awaited where it answers. Bun goes on
 * with what fetch has brought until there is nothing left, and lets connections and timers wait as long:
 * 2000 answers under way are enough for 40 ms.
 */
export function loopTurnIsDue(): Promise<void> | undefined {
  pieces += 1;
  if (pieces < maxPieces) return undefined;
  nextTurn ??= new Promise((resolve) => {
    setImmediate(() => {
      maxPieces = pieces - maxPieces >= CROWD ? 1 : UNHURRIED_PIECES;
      pieces = 0;
      nextTurn = undefined;
      resolve();
    });
  });
  return nextTurn;
}

let lastTaken: Promise<void> = Promise.resolve();

/**
 * Resolves in a turn of the event loop that no other caller gets: for pieces of a millisecond or so that
 * many may ask for at once, so that what else there is to do is done between any two of them.
 */
export function turnOfItsOwn(): Promise<void> {
  lastTaken = lastTaken.then(
    () =>
      new Promise((resolve) => {
        setImmediate(resolve);
      }),
  );
  return lastTaken;
}
