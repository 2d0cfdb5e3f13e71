import type { ChatEvent } from "../../conversation/events.ts";
import { jsonLine } from "../../runtime/json-line.ts";
import type { EventBatch } from "../../turns/turn.ts";

/** How events become text, to be sent as UTF-8. Pure: two readers of the same events get the same. */
export interface StreamEncoder {
  readonly contentType: string;
  /** What is sent so that a silent connection stays open. */
  readonly heartbeat: string;
  encode(batch: EventBatch): string;
}

/** The event as JSON. Tokens are written by hand: they are nearly all events, and take half the time. */
export function eventJson(event: ChatEvent): string {
  if (event.type !== "token") return jsonLine(event);
  return `{"type":"token","token":${jsonLine(event.token)}}`;
}
