import type { Message } from "../conversation/records.ts";
import type { ShownRequest } from "../people/requests.ts";
import { jsonLine } from "../runtime/json-line.ts";
import type { StreamEncoder } from "./stream/encoder.ts";

/** What a visitor's client hears of the owner, apart from turns (contract section 2). */
export type PersonEvent =
  | {
      readonly type: "message";
      readonly id: number;
      readonly text: string;
      readonly name: string;
      /** Milliseconds since the epoch. */
      readonly at: number;
    }
  | { readonly type: "person"; readonly isHere: boolean; readonly name?: string }
  /** The visitor's newest request for a person, new or closed by the owner. */
  | { readonly type: "request"; readonly request: ShownRequest }
  /** The owner is writing. Clients show it for five seconds. */
  | { readonly type: "typing" };

export interface PersonEvents {
  readonly events: readonly PersonEvent[];
}

export function messageEvent({ id, content, author, createdAt }: Message): PersonEvent {
  return { type: "message", id, text: content, name: author?.name ?? "", at: createdAt };
}

/**
 * As server-sent events. Only messages have an `id`, the message's own: a client that comes again names the last
 * message it has, whatever else it has heard since.
 */
export const personEncoder: StreamEncoder<PersonEvents> = {
  contentType: "text/event-stream; charset=utf-8",
  heartbeat: ":\n\n",
  encode({ events }) {
    let text = "";
    for (const event of events) {
      const { type, ...data } = event;
      const id = event.type === "message" ? `id: ${event.id}\n` : "";
      text += `${id}event: ${type}\ndata: ${jsonLine(data)}\n\n`;
    }
    return text;
  },
};
