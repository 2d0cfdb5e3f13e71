import type { SpendingSettings } from "../config/spending.ts";
import type { NoticeChannel } from "../conversation/notice-kinds.ts";
import type { NoticeMetrics } from "../metrics/notice-metrics.ts";
import type { Logger } from "../runtime/logger.ts";
import { SECOND_MS } from "../runtime/time.ts";
import type { AttemptEnd, ClaimedNotice } from "../store/notice-store.ts";
import { type Channel, DeliveryError } from "./channel.ts";
import { composeNotice, type NoticeContents } from "./compose-notice.ts";
import { boundedMs, pauseAfter } from "./retry-schedule.ts";

export interface AttemptDeps {
  readonly store: NoticeContents;
  /** PUBLIC_URL, for links. */
  readonly publicUrl: string | undefined;
  readonly spending: () => SpendingSettings;
  /** The channel as the settings in force have it. */
  readonly openChannel: (channel: NoticeChannel) => Promise<Channel>;
  readonly metrics: NoticeMetrics;
  readonly log: Pick<Logger, "info" | "warn" | "error">;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** From 0 to 1. Default: Math.random. */
  readonly random?: (() => number) | undefined;
}

/** How an attempt has ended. */
export interface AttemptResult {
  readonly end: Omit<AttemptEnd, "owner" | "at">;
  /** Whether the receiver wants nothing more. */
  readonly isGone?: boolean;
  /** How long the receiver wants to be left alone. */
  readonly pauseMs?: number | undefined;
}

/** A receiver that takes longer has failed. */
const ATTEMPT_MS = 15 * SECOND_MS;
/** When it is looked again what has become of a conversation that is hidden. */
const HIDDEN_MS = 5 * SECOND_MS;

/**
 * Tries to send a notice, once.
 * @param cutOff aborted: the server stops, and the next start tries again
 * @throws what the store does
 */
export async function attempt(
  claimed: ClaimedNotice,
  cutOff: AbortSignal,
  deps: AttemptDeps,
): Promise<AttemptResult> {
  const { openChannel, metrics, now } = deps;
  const { channel } = claimed;
  const notice = await composeNotice(claimed, deps);
  // If its conversation is erased, so is the notice. A hidden one may come back.
  if (notice === "nothing") return { end: { state: "dropped" } };
  if (notice === "hidden") return { end: { state: "waiting", nextAt: now() + HIDDEN_MS } };
  try {
    const signal = AbortSignal.any([cutOff, AbortSignal.timeout(ATTEMPT_MS)]);
    const { receipt } = await (await openChannel(channel)).send(notice, signal);
    metrics.notices.add(1, { channel, result: "delivered" });
    return { end: { state: "delivered", receipt } };
  } catch (error) {
    if (cutOff.aborted) return { end: { state: "waiting", nextAt: now() } };
    const result = judge(claimed, toDeliveryError(error), deps);
    const isRetried = result.end.state === "waiting";
    metrics.notices.add(1, { channel, result: isRetried ? "retried" : "given_up" });
    return result;
  }
}

/** What becomes of a notice after a failure. */
function judge(
  { channel, attempts, kind }: ClaimedNotice,
  fault: DeliveryError,
  { log, now, random = Math.random }: Pick<AttemptDeps, "log" | "now" | "random">,
): AttemptResult {
  const { kind: failure, retryAfterMs } = fault.failure;
  const error = sentenceOf(fault);
  const about = { channel, kind, attempts, reason: fault.message };
  const pauseMs = retryAfterMs === undefined ? undefined : boundedMs(retryAfterMs);
  const retryMs = failure === "retry" ? pauseAfter(attempts, retryAfterMs, random()) : undefined;
  if (retryMs === undefined) {
    log.error("a notice was given up", about);
    return { end: { state: "given_up", error }, isGone: failure === "gone", pauseMs };
  }
  return { end: { state: "waiting", nextAt: now() + retryMs, error }, pauseMs };
}

/** An error that is not a channel's own may pass. */
export function toDeliveryError(fault: unknown): DeliveryError {
  if (fault instanceof DeliveryError) return fault;
  const isLate = fault instanceof Error && fault.name === "TimeoutError";
  const reason = isLate ? "The receiver did not answer in time." : "The notice could not be sent.";
  return new DeliveryError(reason, { kind: "retry" });
}

/** The failure for the owner, with the receiver's own words. */
export function sentenceOf({ message, failure: { says } }: DeliveryError): string {
  return says === undefined || says === "" ? message : `${message} It says: “${says}”`;
}
