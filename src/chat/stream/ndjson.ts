import { eventJson, type StreamEncoder } from "./encoder.ts";

/** Newline-delimited JSON: one event per line. A blank line is the heartbeat. */
export const ndjsonEncoder: StreamEncoder = {
  contentType: "application/x-ndjson; charset=utf-8",
  heartbeat: "\n",
  encode({ events }) {
    let text = "";
    for (const event of events) text += `${eventJson(event)}\n`;
    return text;
  },
};
