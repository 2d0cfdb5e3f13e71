/** How many pieces of work run between two waits for a turn: about a millisecond's worth. */
const UNHURRIED_PIECES = 32;
/** When this many pieces arrive during one wait, the loop is crowded, and every piece waits for a turn. */
const CROWD = 16;

let pieces = 0;
let maxPieces = UNHURRIED_PIECES;
let nextTurn: Promise<void> | undefined;

/**
 * Call it between two pieces of work that came from fetch, and await the promise if there is one. Bun works
 * through everything that fetch has brought before it looks at connections and timers. With 2000 answers
 * under way, those would wait 40 ms.
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
 * Resolves in a turn of the event loop that no other caller gets. For pieces of about a millisecond that
 * many callers may begin at once: other work then runs between any two of them.
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

/** Takes steps of a few milliseconds, with turns of the event loop between them. Resolves with what they return. */
export async function inTurns<Result>(steps: Generator<undefined, Result>): Promise<Result> {
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
    await turnOfItsOwn();
  }
}

/** Takes the same steps one after the other, where nobody waits. */
export function atOnce<Result>(steps: Generator<undefined, Result>): Result {
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}
