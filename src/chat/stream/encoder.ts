import type { EventBatch } from "../turn.ts";

/** How events become text, to be sent as UTF-8. Pure: two readers of the same events get the same. */
export interface StreamEncoder {
  readonly contentType: string;
  /** What is sent so that a silent connection stays open. */
  readonly heartbeat: string;
  encode(batch: EventBatch): string;
}
