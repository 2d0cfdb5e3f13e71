import { expect, test } from "bun:test";

import fc from "fast-check";

import type { ChatEvent } from "../../src/chat/events.ts";
import { ndjsonEncoder } from "../../src/chat/stream/ndjson.ts";
import { sseEncoder } from "../../src/chat/stream/sse.ts";
import { createEventDecoder } from "../../src/widget/event-stream.ts";

const token = fc
  .string({ unit: "grapheme" })
  .map((text): ChatEvent => ({ type: "token", token: text }));

test("reads what the server writes, wherever the network cuts it", () => {
  fc.assert(
    fc.property(
      fc.array(token),
      fc.integer({ min: 1, max: 9 }),
      fc.boolean(),
      (events, size, isSse) => {
        const encoder = isSse ? sseEncoder : ndjsonEncoder;
        const text = encoder.encode({ after: 4, events });
        const decode = createEventDecoder(4);
        const found = [];
        for (let at = 0; at < text.length; at += size)
          found.push(...decode(text.slice(at, at + size)));
        expect(found).toEqual(events.map((event, index) => ({ number: index + 5, event })));
      },
    ),
  );
});

test("garbage is passed over", () => {
  const decode = createEventDecoder(0);
  for (const line of [
    "<html>",
    "data: {",
    "data: null",
    "data: 1",
    'data: {"type":"token"}',
    'data: {"type":"constructor"}',
    "id: -1",
    ": beat",
  ]) {
    expect(decode(`${line}\r\n`)).toEqual([]);
  }
  fc.assert(fc.property(fc.string(), (text) => void createEventDecoder(0)(`${text}\n`)));
});
