import { expect, test } from "bun:test";

import fc from "fast-check";

import { ndjsonEncoder } from "../../../src/chat/stream/ndjson.ts";
import { sseEncoder } from "../../../src/chat/stream/sse.ts";
import type { ChatEvent } from "../../../src/conversation/events.ts";
import { createEventDecoder } from "../../../src/widget/panel/event-stream.ts";

const token = fc
  .string({ unit: "grapheme" })
  .map((text): ChatEvent => ({ type: "token", token: text }));

test("the decoder reads what the server's encoders write, wherever the network cuts it", () => {
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

test("the decoder counts the event that a person can be reached, and the ones after it", () => {
  const lines = ['{"type":"token","token":"a"}', '{"type":"handoff","reason":"unknown"}'];
  const found = createEventDecoder(0)(`${lines.join("\n")}\n{"type":"token","token":"b"}\n`);
  expect(found.map(({ number, event }) => [number, event.type])).toEqual([
    [1, "token"],
    [2, "handoff"],
    [3, "token"],
  ]);
});

const text = fc.string({ unit: "binary", maxLength: 30 });
const anyEvent = fc.oneof(
  fc.record({ type: fc.constant("start" as const), conversationId: text, turnId: text }),
  fc.record({ type: fc.constant("token" as const), token: text }),
  fc.record({
    type: fc.constant("done" as const),
    message: text,
    conversationId: text,
    finishReason: fc.constantFrom("stop" as const, "stopped" as const),
  }),
  fc.record({ type: fc.constant("error" as const), error: text, code: text }),
);

test("the decoder reads events of every kind with heartbeats between them, however the bytes are cut", () => {
  const batches = fc.array(fc.array<ChatEvent>(anyEvent, { maxLength: 4 }), { maxLength: 5 });
  const encoders = fc.constantFrom(sseEncoder, ndjsonEncoder);
  fc.assert(
    fc.property(
      batches,
      encoders,
      fc.nat(1000),
      fc.array(fc.nat()),
      (all, encoder, after, cuts) => {
        let sent = "";
        let number = after;
        for (const events of all) {
          sent += encoder.heartbeat + encoder.encode({ after: number, events });
          number += events.length;
        }
        const bytes = new TextEncoder().encode(sent);
        const places = cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b);
        const utf8 = new TextDecoder();
        const decode = createEventDecoder(after);
        const found = [0, ...places].flatMap((start, index) =>
          decode(utf8.decode(bytes.subarray(start, places[index]), { stream: true })),
        );
        const events = all.flat();
        expect(found).toEqual(events.map((event, index) => ({ number: after + index + 1, event })));
      },
    ),
    { numRuns: 300 },
  );
});

test("whatever is received, every decoded event has all the properties that the widget reads", () => {
  const part = fc.constantFrom(
    ...'\n\r:{}[]",',
    "data: ",
    "id: ",
    "7",
    '"type"',
    '"token"',
    '{"type":"token","token":"x"}',
    '{"type":"token","token":1}',
    '{"type":"__proto__"}',
    '{"type":"done","message":"x"}',
    "null",
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(part, fc.string()), { maxLength: 40 }), (parts) => {
      const decode = createEventDecoder(0);
      for (const { number, event } of parts.flatMap((each) => decode(each))) {
        expect(Number.isSafeInteger(number)).toBe(true);
        expect(["start", "token", "done", "error"]).toContain(event.type);
        if (event.type === "token") expect(event.token).toBeString();
        if (event.type === "done") expect(event.message).toBeString();
      }
    }),
    { numRuns: 500 },
  );
});

test("the decoder skips garbage", () => {
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
