import type { EventBatch } from "../turn.ts";

/** How events become bytes. Pure: two readers of the same events get the same bytes. */
export interface StreamEncoder {
  readonly contentType: string;
  /** What is sent so that a silent connection stays open. */
  readonly heartbeat: Uint8Array;
  encode(batch: EventBatch): Uint8Array;
}
