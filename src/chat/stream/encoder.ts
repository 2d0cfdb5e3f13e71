import type { ChatEvent } from "../../conversation/events.ts";
import { jsonLine } from "../../runtime/json-line.ts";
import type { EventBatch } from "../../turns/turn.ts";

/** Turns events into text, which is sent as UTF-8. Pure: readers of the same events get the same text. */
export interface StreamEncoder<Batch = EventBatch> {
  readonly contentType: string;
  /** Sent during silence so that the connection stays open. */
  readonly heartbeat: string;
  encode(batch: Batch): string;
}

/** The event as JSON. Nearly all events are tokens, so these are written by hand, in half the time. */
export function eventJson(event: ChatEvent): string {
  if (event.type !== "token") return jsonLine(event);
  return `{"type":"token","token":${jsonLine(event.token)}}`;
}
