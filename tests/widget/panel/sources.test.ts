import { describe, expect, test } from "bun:test";

import { namedIn, readSources, withSources } from "../../../src/widget/panel/sources.ts";

const SHIPPING = { number: 1, title: "Shipping", heading: "Norway", url: "https://a.test/#no" };
const NOTE = { number: 3, title: "Do you gift-wrap?" };

describe("the sources of an answer", () => {
  test("have the name of their page and passage, and their address", () => {
    expect([...readSources([SHIPPING, NOTE]).values()]).toEqual([
      { number: 1, name: "Shipping › Norway", url: "https://a.test/#no" },
      { number: 3, name: "Do you gift-wrap?", url: undefined },
    ]);
  });

  test.each([
    undefined,
    null,
    "[]",
    { length: 1, 0: NOTE },
    [null, 7, "text", []],
    [{ ...NOTE, number: 0 }],
    [{ ...NOTE, number: 1.5 }],
    [{ ...NOTE, number: "1" }],
    [{ ...NOTE, number: 100 }],
    [{ number: 1 }],
    [{ number: 1, title: " ", heading: {} }],
  ])("are none in what the server did not mean so: %j", (value) => {
    expect(readSources(value).size).toBe(0);
  });

  test.each(["javascript:alert(1)", "data:text/html,x", "/shipping", "ftp://a.test", "", {}])(
    "are no links to %j",
    (url) => {
      expect(readSources([{ ...NOTE, url }]).get(3)).toMatchObject({ url: undefined });
    },
  );

  test("are bounded in number and length", () => {
    const many = Array.from({ length: 99 }, (_, at) => ({ number: at + 1, title: "x" }));
    expect(readSources(many).size).toBe(50);
    const [long] = readSources([{ number: 1, title: "x".repeat(9999) }]).values();
    expect(long?.name).toHaveLength(500);
  });

  test("that an answer names are those whose numbers are in its text", () => {
    const sources = readSources([SHIPPING, NOTE]);
    expect([...namedIn("Yes [3], or [13].", sources).keys()]).toEqual([3]);
  });

  test("go with a text that is copied", () => {
    const sources = readSources([SHIPPING, NOTE]);
    expect(withSources("Yes [1][3].", sources)).toBe(
      "Yes [1][3].\n\n[1] Shipping › Norway https://a.test/#no\n[3] Do you gift-wrap?",
    );
    expect(withSources("Hello!", new Map())).toBe("Hello!");
  });
});
