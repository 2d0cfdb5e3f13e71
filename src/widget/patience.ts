import type { Notice } from "./conversation.ts";
import { Failure } from "./failure.ts";

/** Pauses between attempts, doubled each time: 15 s in all before it is given up. */
const FIRST_PAUSE_MS = 500;
const MAX_ATTEMPTS = 5;
/** A server that answers with an error has at least answered. */
const MAX_ATTEMPTS_ON_ERRORS = 2;
/** How often a limit is waited for. */
const MAX_WAITS = 5;

/** Calls back when it got further than before: the next trouble is a new one. */
export type Work = (progressed: () => void) => Promise<void>;

interface Patience {
  readonly signal: AbortSignal;
  /** Told what is waited for, while it is. */
  readonly onTrouble: (notice: Notice) => void;
  /** Called once before the work is tried with a new session. */
  readonly onSessionLost: () => void;
}

/**
 * Does something again until it works: when the connection is back, when the limit allows it, with a
 * new session. The work goes on from where it stands.
 * @throws Failure when trying again does not help
 */
export async function patiently(work: Work, patience: Patience): Promise<void> {
  const { signal, onTrouble, onSessionLost } = patience;
  let attempts = 0;
  let waits = 0;
  let hasLostSession = false;
  for (;;) {
    try {
      return await work(() => {
        attempts = waits = 0;
      });
    } catch (failure) {
      if (!(failure instanceof Failure) || signal.aborted) throw failure;
      const { kind } = failure;
      if (kind === "session" && !hasLostSession) {
        hasLostSession = true;
        onSessionLost();
      } else if (kind === "wait" && waits++ < MAX_WAITS) {
        await countDown(failure.seconds, signal, onTrouble);
      } else if (kind === "network" && !navigator.onLine) {
        onTrouble({ kind: "offline" });
        await online(signal);
        attempts = 0;
      } else if (canTryAgain(kind, attempts)) {
        onTrouble({ kind: "reconnecting" });
        await pause(FIRST_PAUSE_MS * 2 ** attempts++, signal);
      } else throw failure;
    }
  }
}

function canTryAgain(kind: Failure["kind"], attempts: number): boolean {
  if (kind === "network") return attempts < MAX_ATTEMPTS;
  return kind === "server" && attempts < MAX_ATTEMPTS_ON_ERRORS;
}

async function countDown(
  seconds: number,
  signal: AbortSignal,
  onTrouble: (notice: Notice) => void,
): Promise<void> {
  const until = performance.now() + seconds * 1000;
  for (let left = seconds; left > 0; left = Math.ceil((until - performance.now()) / 1000)) {
    onTrouble({ kind: "wait", seconds: left });
    await pause(Math.min(1000, until - performance.now()), signal);
  }
}

function online(signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    window.addEventListener("online", () => resolve(), { once: true, signal });
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    if (navigator.onLine) resolve();
  });
}

/** Cut short when the connection comes back; rejects when the signal aborts. */
function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, milliseconds);
    window.addEventListener("online", () => resolve(), { once: true, signal });
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(signal.reason);
    });
  });
}
