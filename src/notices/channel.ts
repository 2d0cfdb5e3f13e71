import type { Notice } from "./notice.ts";

/** The seam to what carries notices to the owner. */
export interface Channel {
  /**
   * Sends a notice. One that has failed may have arrived all the same, and it is sent again with the same event id.
   * @throws DeliveryError. Any other error counts as one that may pass.
   */
  send(notice: Notice, signal: AbortSignal): Promise<Delivery>;
}

export interface Delivery {
  /** What the receiver calls the notice, to know it again in an answer of the owner. */
  readonly receipt?: string | undefined;
  /** The receiver's own words, for an owner who tries the channel. */
  readonly says?: string | undefined;
}

interface Failure {
  /**
   * `retry`: it is tried again. `refused`: this notice would be refused again. `gone`: the receiver wants nothing more, and
   * the channel is switched off.
   */
  readonly kind: "retry" | "refused" | "gone";
  /** How long the receiver wants to be left alone. */
  readonly retryAfterMs?: number | undefined;
  /** The receiver's own words. */
  readonly says?: string | undefined;
}

/** A notice was not delivered. The message is a sentence for the owner, without secrets. */
export class DeliveryError extends Error {
  override readonly name = "DeliveryError";
  readonly failure: Failure;

  constructor(message: string, failure: Failure) {
    super(message);
    this.failure = failure;
  }
}
