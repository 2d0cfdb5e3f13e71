import type { StreamEncoder } from "./encoder.ts";

const utf8 = new TextEncoder();

/** Newline-delimited JSON: one event a line. A blank line is the heartbeat. */
export const ndjsonEncoder: StreamEncoder = {
  contentType: "application/x-ndjson; charset=utf-8",
  heartbeat: utf8.encode("\n"),
  encode({ events }) {
    let text = "";
    for (const event of events) text += `${JSON.stringify(event)}\n`;
    return utf8.encode(text);
  },
};
