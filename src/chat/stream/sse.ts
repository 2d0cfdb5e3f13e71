import { eventJson, type StreamEncoder } from "./encoder.ts";

/**
 * Server-sent events (WHATWG HTML, section 9.2): the event's number as `id`, its type as `event`, its
 * JSON as one line of `data`. JSON escapes every line end, so a token cannot forge a line of the stream.
 */
export const sseEncoder: StreamEncoder = {
  contentType: "text/event-stream; charset=utf-8",
  heartbeat: ":\n\n",
  encode({ after, events }) {
    let text = "";
    let number = after;
    for (const event of events) {
      number++;
      text += `id: ${number}\nevent: ${event.type}\ndata: ${eventJson(event)}\n\n`;
    }
    return text;
  },
};
