import { HOUR_MS, MINUTE_MS, SECOND_MS } from "../runtime/time.ts";

/** The pauses after each attempt that failed, as Standard Webhooks proposes them: three days in all. */
const PAUSES_MS: readonly number[] = [
  5 * SECOND_MS,
  5 * MINUTE_MS,
  30 * MINUTE_MS,
  2 * HOUR_MS,
  5 * HOUR_MS,
  10 * HOUR_MS,
  14 * HOUR_MS,
  20 * HOUR_MS,
  24 * HOUR_MS,
];
/** Receivers that were down do not get everything in the same second. */
const JITTER = 0.1;
/** A receiver may ask for a longer pause, up to this. */
export const MAX_RETRY_AFTER_MS = HOUR_MS;

/**
 * How long to wait after so many attempts. Undefined: that was the last one.
 * @param retryAfterMs what the receiver has asked for
 * @param random from 0 to 1
 */
export function pauseAfter(
  attempts: number,
  retryAfterMs: number | undefined,
  random: number,
): number | undefined {
  const pause = PAUSES_MS[attempts - 1];
  if (pause === undefined) return undefined;
  return Math.round(Math.max(pause, boundedMs(retryAfterMs)) * (1 + JITTER * random));
}

/** The pause that a receiver may ask for. */
export function boundedMs(retryAfterMs = 0): number {
  return Math.min(retryAfterMs, MAX_RETRY_AFTER_MS);
}
