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
/** A server in trouble that asks for a longer pause than this many seconds is left to the visitor. */
const MAX_SERVER_PAUSE_SECONDS = 30;
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
      const { kind, seconds } = failure;
      if (!navigator.onLine) {
        attempts = 0;
        onTrouble({ kind: "offline" });
        await pause(Infinity, signal);
      } else if (
        attempts >= (MAX_ATTEMPTS[kind] ?? 0) ||
        (kind === "server" && seconds > MAX_SERVER_PAUSE_SECONDS)
      )
        throw failure;
      else if (kind === "session") onSessionLost();
      else if (kind === "wait") {
        for (let left = seconds; left > 0 && !signal.aborted; left--) {
          onTrouble({ kind, seconds: left });
          await pause(1000, signal);
        }
      } else {
        onTrouble({ kind: "reconnecting" });
        await pause(Math.max(FIRST_PAUSE_MS * 2 ** attempts, seconds * 1000), signal);
      }
      attempts++;
    }
  }
}

/** Cut short when the connection comes back, and when the signal aborts, which it has not yet. */
function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const over = new AbortController();
    const end = () => {
      clearTimeout(timer);
      over.abort();
      resolve();
    };
    const timer = milliseconds < Infinity ? setTimeout(end, milliseconds) : 0;
    signal.addEventListener("abort", end, { signal: over.signal });
    addEventListener("online", end, { signal: over.signal });
  });
}
