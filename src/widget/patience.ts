import { Failure } from "./failure.ts";

/** What is waited for while something does not work. */
export interface Trouble {
  readonly kind: "offline" | "reconnecting" | "wait";
  /** Of `wait`: until it goes on. */
  readonly seconds?: number;
}

/** Calls back when it got further than before: the next trouble is a new one. */
export type Work = (progressed: () => void) => Promise<void>;

/** Pauses between attempts, doubled each time: 15 s in all before it is given up. */
const FIRST_PAUSE_MS = 500;
/** How often what failed is done again. A server that answers with an error has at least answered. */
const MAX_ATTEMPTS: Partial<Record<Failure["kind"], number>> = {
  network: 5,
  server: 2,
  wait: 5,
  session: 1,
};

/**
 * Does something again until it works: when the connection is back, when the limit allows it, with a
 * new session. The work goes on from where it stands. Ends when the signal aborts.
 * @throws Failure when trying again does not help
 */
export async function patiently(
  work: Work,
  signal: AbortSignal,
  onTrouble: (trouble: Trouble) => void,
  onSessionLost: () => void,
): Promise<void> {
  let attempts = 0;
  while (!signal.aborted) {
    try {
      return await work(() => {
        attempts = 0;
      });
    } catch (failure) {
      if (signal.aborted) return;
      if (!(failure instanceof Failure)) throw failure;
      const { kind } = failure;
      if (!navigator.onLine) {
        attempts = 0;
        onTrouble({ kind: "offline" });
        await pause(Infinity, signal);
      } else if (attempts >= (MAX_ATTEMPTS[kind] ?? 0)) throw failure;
      else if (kind === "session") onSessionLost();
      else if (kind === "wait") {
        for (let { seconds } = failure; seconds > 0 && !signal.aborted; seconds--) {
          onTrouble({ kind, seconds });
          await pause(1000, signal);
        }
      } else {
        onTrouble({ kind: "reconnecting" });
        await pause(FIRST_PAUSE_MS * 2 ** attempts, signal);
      }
      attempts++;
    }
  }
}

/** Cut short when the connection comes back, and when the signal aborts. */
function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = milliseconds === Infinity ? 0 : setTimeout(resolve, milliseconds);
  const end = () => resolve();
  signal.addEventListener("abort", end);
  window.addEventListener("online", end);
  return promise.finally(() => {
    clearTimeout(timer);
    signal.removeEventListener("abort", end);
    window.removeEventListener("online", end);
  });
}
