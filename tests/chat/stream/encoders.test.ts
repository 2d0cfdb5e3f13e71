import { expect, test } from "bun:test";

import fc from "fast-check";

import { parseNdjson, parseSse } from "../../../harness/streams.ts";
import { ndjsonEncoder } from "../../../src/chat/stream/ndjson.ts";
import { sseEncoder } from "../../../src/chat/stream/sse.ts";
import type { ChatEvent } from "../../../src/conversation/events.ts";

const anyEvent = fc.oneof(
  fc.record({
    type: fc.constant("start" as const),
    conversationId: fc.string({ unit: "binary" }),
    turnId: fc.string({ unit: "binary" }),
  }),
  fc.record({
    type: fc.constant("token" as const),
    token: fc.string({ unit: "binary", maxLength: 40 }),
  }),
  fc.record({
    type: fc.constant("done" as const),
    message: fc.string({ unit: "binary" }),
    conversationId: fc.string(),
    finishReason: fc.constantFrom("stop" as const, "length" as const),
  }),
  fc.record({
    type: fc.constant("error" as const),
    error: fc.string(),
    code: fc.string(),
  }),
);
const anyBatch = fc.record({
  after: fc.nat(),
  events: fc.array<ChatEvent>(anyEvent, { minLength: 1, maxLength: 8 }),
});

test("SSE decodes to the same events, each with its number", () => {
  fc.assert(
    fc.property(anyBatch, (batch) => {
      const messages = parseSse(sseEncoder.encode(batch));
      expect(messages.map(({ data }) => data)).toEqual([...batch.events]);
      expect(messages.map(({ id }) => Number(id))).toEqual(
        batch.events.map((_, index) => batch.after + index + 1),
      );
    }),
  );
});

test("NDJSON decodes to the same events, one on each line", () => {
  fc.assert(
    fc.property(anyBatch, (batch) => {
      const text = ndjsonEncoder.encode(batch);
      expect(parseNdjson(text)).toEqual([...batch.events]);
      expect(text.split("\n")).toHaveLength(batch.events.length + 1);
    }),
  );
});

test("events encoded together or one by one are the same bytes", () => {
  fc.assert(
    fc.property(anyBatch, fc.constantFrom(sseEncoder, ndjsonEncoder), (batch, encoder) => {
      const together = encoder.encode(batch);
      const oneByOne = batch.events.map((event, index) =>
        encoder.encode({ after: batch.after + index, events: [event] }),
      );
      expect(oneByOne.join("")).toBe(together);
    }),
  );
});
