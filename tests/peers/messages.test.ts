import { describe, expect, test } from "bun:test";

import fc from "fast-check";

import "../property-seed.ts";
import { type FinalEvent, HANDOFF_REASONS } from "../../src/conversation/events.ts";
import { FINISH_REASONS, GROUNDINGS } from "../../src/conversation/records.ts";
import { decodeMessage } from "../../src/peers/decode-message.ts";
import { encodeMessage, type Message } from "../../src/peers/messages.ts";
import { SHARED_STATES } from "../../src/store/cluster-store.ts";

const text = fc.string({ unit: "binary" });
const number = fc.nat();

const sources = fc.array(
  fc.record(
    { number, title: text, heading: text, url: text },
    { requiredKeys: ["number", "title"] },
  ),
);
const usage = fc.record({ promptTokens: number, completionTokens: number, totalTokens: number });
const end: fc.Arbitrary<FinalEvent | undefined> = fc.option(
  fc.oneof(
    fc.record({ type: fc.constant("error" as const), error: text, code: text }),
    fc.record(
      {
        type: fc.constant("done" as const),
        message: text,
        conversationId: text,
        usage,
        finishReason: fc.constantFrom(...FINISH_REASONS),
        sources,
        grounding: fc.constantFrom(...GROUNDINGS),
      },
      { requiredKeys: ["type", "message", "conversationId", "finishReason"] },
    ),
  ),
  { nil: undefined },
);

const message: fc.Arbitrary<Message> = fc.oneof(
  fc.record({
    kind: fc.constant("follow" as const),
    from: text,
    asks: fc.array(fc.record({ turnId: text, after: number })),
  }),
  fc.record({
    kind: fc.constant("version" as const),
    of: fc.constantFrom(...SHARED_STATES),
    version: number,
  }),
  fc.record({ kind: fc.constant("unfollow" as const), from: text, turnIds: fc.array(text) }),
  fc.record({
    kind: fc.constant("events" as const),
    turns: fc.array(
      fc
        .record(
          {
            turnId: text,
            after: number,
            hasStart: fc.boolean(),
            sources,
            tokens: fc.array(text),
            handoff: fc.record({
              type: fc.constant("handoff" as const),
              reason: fc.constantFrom(...HANDOFF_REASONS),
            }),
            end,
          },
          { requiredKeys: ["turnId", "after", "hasStart", "tokens", "end"] },
        )
        // A handoff never comes without the end.
        .map(({ handoff, ...turn }) =>
          turn.end === undefined || handoff === undefined ? turn : { ...turn, handoff },
        ),
    ),
    unknown: fc.array(text),
  }),
  fc.record({ kind: fc.constant("stop" as const), turnId: text }),
  fc.record({ kind: fc.constant("typing" as const), conversationId: text }),
  fc.record({
    kind: fc.constant("activities" as const),
    from: text,
    announced: number,
    activities: fc.array(
      fc.record({
        conversationId: text,
        kind: fc.constantFrom("question" as const, "answer" as const, "erased" as const),
      }),
    ),
  }),
);

test("a message is received as it was sent", () => {
  fc.assert(
    fc.property(message, (sent) => expect(decodeMessage(encodeMessage(sent))).toEqual(sent)),
  );
});

test("any JSON is a message or dropped", () => {
  fc.assert(
    fc.property(
      fc.constantFrom("f", "u", "e", "s", "a", "z"),
      fc.array(fc.jsonValue()),
      (letter, parts) => {
        decodeMessage(JSON.stringify([letter, ...parts]));
      },
    ),
  );
});

test("sources are an empty token for earlier versions, which count events by the tokens", () => {
  const turn = { turnId: "t_1", after: 0, hasStart: true, tokens: ["Yes"], end: undefined };
  const sent = { kind: "events", turns: [{ ...turn, sources: [] }], unknown: [] } as const;
  const [, [list]] = JSON.parse(encodeMessage(sent));
  expect(list.slice(0, 5)).toEqual(["t_1", 0, true, ["", "Yes"], null]);
});

test("a handoff is an empty token, too, and a part of the end that they ignore", () => {
  const end = { type: "error", error: "No.", code: "model_error" } as const;
  const handoff = { type: "handoff", reason: "failed" } as const;
  const turn = { turnId: "t_1", after: 1, hasStart: false, tokens: ["Yes"], handoff, end };
  const [, [list]] = JSON.parse(encodeMessage({ kind: "events", turns: [turn], unknown: [] }));
  expect(list).toEqual(["t_1", 1, false, ["Yes", ""], { ...end, handoff: "failed" }]);
});

describe("a message is dropped", () => {
  test.each([
    ["that is empty", ""],
    ["that is no JSON", "["],
    ["that is no list", '{"kind":"stop"}'],
    ["of a kind that this version does not know", '["z","t_1"]'],
    ["that lacks a part", '["f","address"]'],
    ["with a text instead of a number", '["f","address",[["t_1","2"]]]'],
    ["with a negative number", '["f","address",[["t_1",-1]]]'],
    ["with a token that is no text", '["e",[["t_1",0,true,[1],null]],[]]'],
    ["with an end of an unknown type", '["e",[["t_1",0,true,[],{"type":"later"}]],[]]'],
    ["with sources that are no list", '["e",[["t_1",0,true,[""],null,{}]],[]]'],
    ["with a source without a title", '["e",[["t_1",0,true,[""],null,[{"number":1}]]],[]]'],
    ["with an unknown activity", '["a","address",1,[["c_1","renamed"]]]'],
  ])("%s", (_, sent) => {
    expect(decodeMessage(sent)).toBeUndefined();
  });

  test("but a part that a later version has added is ignored", () => {
    expect(decodeMessage('["s","t_1","later"]')).toEqual({ kind: "stop", turnId: "t_1" });
  });
});
