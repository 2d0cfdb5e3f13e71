import { describe, expect, test } from "bun:test";

import fc from "fast-check";

import { SseDecoder } from "../../src/model/sse-decoder.ts";

const utf8 = new TextEncoder();

function decodeAll(chunks: readonly Uint8Array[]): string[] {
  const decoder = new SseDecoder();
  return [...chunks.flatMap((chunk) => decoder.push(chunk)), ...decoder.end()];
}

function decodeText(...texts: readonly string[]): string[] {
  return decodeAll(texts.map((text) => utf8.encode(text)));
}

/** Cuts bytes at the given places. */
function split(bytes: Uint8Array, cuts: readonly number[]): Uint8Array[] {
  const places = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b);
  return [0, ...places].map((start, i) => bytes.subarray(start, places[i] ?? bytes.length));
}

/** The data of a whole stream's events, written after WHATWG HTML section 9.2.6. The stream's end also ends an event. */
function eventsOf(stream: string): string[] {
  const events: string[] = [];
  let data: string[] = [];
  for (const line of [...stream.replace(/^\ufeff/, "").split(/\r\n|\r|\n/), ""]) {
    const [, field, value = ""] = /^([^:]*)(?:: ?([^]*))?$/.exec(line) ?? [];
    if (field === "data" && line.includes(":")) data.push(value);
    if (line !== "") continue;
    if (data.length > 0) events.push(data.join("\n"));
    data = [];
  }
  return events;
}

describe("the events of an SSE stream", () => {
  test.each([
    ["LF", "data: one\n\ndata: two\n\n"],
    ["CRLF", "data: one\r\n\r\ndata: two\r\n\r\n"],
    ["CR", "data: one\r\rdata: two\r\r"],
    ["LF and CRLF mixed", "data: one\n\r\ndata: two\r\n\n"],
    ["CR and LF mixed", "data: one\r\n\rdata: two\r\r\n"],
  ])("end with %s", (_, text) => {
    expect(decodeText(text)).toEqual(["one", "two"]);
  });

  test.each(["data: one\r\n\n", "data: one\r\ndata: \n\n", "data: one\rdata: two\n\n"])(
    "in one piece have no part of a line end in their data: %j",
    (text) => {
      expect(decodeText(text)).toEqual(eventsOf(text));
    },
  );

  test.each([
    ["without a space", "data:one\n\n", ["one"]],
    ["with one space, which is not part of it", "data: one\n\n", ["one"]],
    ["with two, of which the second is", "data:  one\n\n", [" one"]],
    ["with white space at its end", "data: one \t\n\n", ["one \t"]],
    ["with colons in it", "data: a:b: c\n\n", ["a:b: c"]],
    ["that is empty", "data:\n\n", [""]],
    ["of several lines", "data: one\ndata: two\n\n", ["one\ntwo"]],
    ["of several lines, one of them empty", "data: one\ndata:\ndata: two\n\n", ["one\n\ntwo"]],
    ["of empty lines", "data:\ndata: \n\n", ["\n"]],
  ])("have their data %s", (_, text, expected) => {
    expect(decodeText(text)).toEqual(expected);
  });

  test.each([
    ["comments", ": keep-alive\n\n"],
    ["empty comments", ":\n\n"],
    ["blank lines", "\n\n\n"],
    ["other fields", "event: ping\nid: 7\nretry: 10\n\n"],
    ["fields whose names begin like data", "database: one\ndat: two\nDATA: three\n\n"],
  ])("are not made from %s", (_, text) => {
    expect(decodeText(text)).toEqual([]);
    expect(decodeText(`${text}data: one\n\n${text}`)).toEqual(["one"]);
  });

  test("have their other fields and comments left out", () => {
    const text = "event: message\nid: 1\ndata: one\n: comment\nretry: 5\ndata: two\n\n";
    expect(decodeText(text)).toEqual(["one\ntwo"]);
  });

  test("are given as soon as their blank line arrives", () => {
    const decoder = new SseDecoder();
    expect(decoder.push(utf8.encode("data: one\n"))).toEqual([]);
    expect(decoder.push(utf8.encode("\ndata: tw"))).toEqual(["one"]);
    expect(decoder.push(utf8.encode("o\r\n\r\n"))).toEqual(["two"]);
    expect(decoder.push(utf8.encode("data: three\r\n\r"))).toEqual([]);
    expect(decoder.push(utf8.encode("\n"))).toEqual(["three"]);
    expect(decoder.end()).toEqual([]);
  });
});

describe("the end of an SSE stream", () => {
  test.each([
    ["the blank line", "data: one\n"],
    ["the line end", "data: one"],
    ["the second half of the line end", "data: one\r"],
    ["the second half of the blank line", "data: one\r\n\r"],
  ])("gives an event that lacks %s", (_, text) => {
    expect(decodeText(text)).toEqual(["one"]);
  });

  test("gives nothing that was given before, or that is not an event", () => {
    expect(decodeText("data: one\n\n")).toEqual(["one"]);
    expect(decodeText("data: one\n\n: bye")).toEqual(["one"]);
    expect(decodeText("")).toEqual([]);
  });

  test("in the middle of a character gives the event with a replacement character", () => {
    const bytes = utf8.encode("data: é");
    expect(decodeAll([bytes.subarray(0, -1)])).toEqual(["\ufffd"]);
  });
});

describe("the bytes of an SSE stream", () => {
  const TEXT =
    'data: {"a":"é€👋🏽"}\r\n\r\n: ping\r\n\r\ndata: first\r\ndata: second\n\ndata: [DONE]\r\r';
  const EVENTS = ['{"a":"é€👋🏽"}', "first\nsecond", "[DONE]"];

  test("may be split at every place", () => {
    const bytes = utf8.encode(TEXT);
    for (let at = 0; at <= bytes.length; at += 1) {
      expect(decodeAll([bytes.subarray(0, at), bytes.subarray(at)])).toEqual(EVENTS);
    }
  });

  test("may come one at a time, with nothing in between", () => {
    const bytes = utf8.encode(TEXT);
    expect(decodeAll(Array.from(bytes, (byte) => Uint8Array.of(byte)))).toEqual(EVENTS);
    const withGaps = Array.from(bytes, (byte) => [new Uint8Array(), Uint8Array.of(byte)]);
    expect(decodeAll(withGaps.flat())).toEqual(EVENTS);
  });

  test("may begin with a byte order mark", () => {
    expect(decodeText("\ufeffdata: one\n\n")).toEqual(["one"]);
  });

  test("that are not UTF-8 become replacement characters, and what follows is whole", () => {
    const broken = Uint8Array.of(0x64, 0x61, 0x74, 0x61, 0x3a, 0xff, 0x0a, 0x0a);
    expect(decodeAll([broken, utf8.encode("data: one\n\n")])).toEqual(["\ufffd", "one"]);
  });

  test("of any events, written in any way and split anywhere, decode to those events", () => {
    const line = fc
      .string({ unit: "grapheme" })
      .map((text) => text.replaceAll(/[\r\n]/g, " ").replaceAll("\ufeff", ""));
    const lineEnd = fc.constantFrom("\n", "\r\n", "\r");
    const event = fc.record({
      lines: fc.array(line, { minLength: 1, maxLength: 3 }),
      space: fc.constantFrom("", " "),
      lineEnd,
      before: fc.constantFrom("", ": comment", "event: message", "id: 1"),
    });
    fc.assert(
      fc.property(fc.array(event), fc.array(fc.nat()), (events, cuts) => {
        const text = events.map(({ lines, space, lineEnd: end, before }) => {
          const fields = lines.map((value) => {
            // A value must not begin with a space unless a space after the colon is written.
            const separator = value.startsWith(" ") ? " " : space;
            return `data:${separator}${value}`;
          });
          return [...(before === "" ? [] : [before]), ...fields, "", ""].join(end);
        });
        const bytes = utf8.encode(text.join(""));
        expect(decodeAll(split(bytes, cuts))).toEqual(events.map(({ lines }) => lines.join("\n")));
      }),
    );
  });

  test("of any text decode as the standard says, read in one piece", () => {
    const part = fc.constantFrom("data", "data:", ":", " ", "\r", "\n", "\r\n", "x", "é", "\ufeff");
    fc.assert(
      fc.property(fc.array(part, { maxLength: 60 }), fc.array(fc.nat()), (parts, cuts) => {
        const text = parts.join("");
        expect(decodeAll(split(utf8.encode(text), cuts))).toEqual(eventsOf(text));
      }),
      { numRuns: 1000 },
    );
  });

  test("of any kind, split anywhere, are decoded as in one piece", () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc
        .array(fc.constantFrom("data", ":", " ", "\r", "\n", "x", "é", "👋"))
        .map((parts) => utf8.encode(parts.join(""))),
    );
    fc.assert(
      fc.property(bytes, fc.array(fc.nat()), (whole, cuts) => {
        expect(decodeAll(split(whole, cuts))).toEqual(decodeAll([whole]));
      }),
      { numRuns: 300 },
    );
  });
});

describe("the bound on a pending SSE event", () => {
  const CHUNK = utf8.encode("x".repeat(64 * 1024));

  function feed(first: string, chunk: Uint8Array, times: number): void {
    const decoder = new SseDecoder();
    decoder.push(utf8.encode(first));
    for (let i = 0; i < times; i += 1) decoder.push(chunk);
  }

  test("lets an event of a million characters through", () => {
    const long = "x".repeat(1_000_000);
    expect(decodeText(`data: ${long}\n\n`)).toEqual([long]);
    const decoder = new SseDecoder();
    decoder.push(utf8.encode("data: "));
    for (let i = 0; i < 15; i += 1) decoder.push(CHUNK);
    expect(decoder.push(utf8.encode("\n\n"))[0]).toHaveLength(15 * CHUNK.length);
  });

  test.each([
    ["a line without an end", "data: ", CHUNK],
    ["a comment without an end", ": ", CHUNK],
    ["a field without a name", "", CHUNK],
    ["lines of data without a blank line", "", utf8.encode(`data: ${"x".repeat(60_000)}\n`)],
  ])("throws at %s", (_, first, chunk) => {
    expect(() => feed(first, chunk, 40)).toThrow(RangeError);
  });

  test("does not add up events that have ended", () => {
    const event = utf8.encode(`data: ${"x".repeat(60_000)}\n\n`);
    expect(() => feed("", event, 40)).not.toThrow();
  });
});
