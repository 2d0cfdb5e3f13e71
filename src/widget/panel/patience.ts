import { pause } from "../pause.ts";
import { Failure } from "./failure.ts";

/** Why the work waits before its next attempt. */
export interface Trouble {
  readonly kind: "offline" | "reconnecting" | "busy" | "wait";
  /** For `wait`: the seconds until the next attempt. */
  readonly seconds?: number;
}

/** Calls `progressed` when it gets further than before. Attempts are then counted from zero again. */
export type Work = (progressed: () => void) => Promise<void>;

/** The first pause between attempts. Each pause is twice as long as the last; together they last 15 s. */
const FIRST_PAUSE_MS = 500;
/** When a failing server asks for a longer pause than this, the visitor decides when to try again. */
const MAX_SERVER_PAUSE_SECONDS = 30;
/**
 * How often failed work is tried again. Fewer times after a server's error than without a connection, more often while
 * another tab's answer may take minutes.
 */
const MAX_ATTEMPTS: Partial<Record<Failure["kind"], number>> = {
  network: 5,
  server: 2,
  wait: 5,
  busy: 9,
  session: 1,
};

/**
 * Repeats the work until it succeeds: when the connection is back, when the rate limit allows it, or with a
 * new session. The work continues from where it was. Ends when the signal aborts.
 * @throws Failure when trying again does not help
 */
export async function patiently(
  work: Work,
  signal: AbortSignal,
  onTrouble: (trouble: Trouble) => void,
  onSessionLost: (failure: Failure) => void,
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
      else if (kind === "session") onSessionLost(failure);
      else if (kind === "wait") {
        for (let left = seconds; left > 0 && !signal.aborted; left--) {
          onTrouble({ kind, seconds: left });
          await pause(1000, signal);
        }
      } else {
        onTrouble({ kind: kind === "busy" ? kind : "reconnecting" });
        await pause(Math.max(FIRST_PAUSE_MS * 2 ** attempts, seconds * 1000), signal);
      }
      attempts++;
    }
  }
}
