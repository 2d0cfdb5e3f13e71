import { describe, expect, test } from "bun:test";

import { readLearnOptions } from "../../src/commands/learn-options.ts";

const NOTHING = {
  everyHours: undefined,
  only: undefined,
  ignoresRobots: undefined,
  isOnePage: false,
  name: undefined,
};

describe("the options of learn", () => {
  test.each([
    [["https://x.test"], { what: "https://x.test" }],
    [["-"], { what: "-" }],
    [["docs", "--as", "Handbook"], { what: "docs", name: "Handbook" }],
    [["https://x.test", "--every", "7d"], { what: "https://x.test", everyHours: 168 }],
    [["--every=1h", "HTTP://x.test"], { what: "HTTP://x.test", everyHours: 1 }],
    [
      ["https://x.test", "--only", "/docs/", "--ignore-robots"],
      { what: "https://x.test", only: "/docs/", ignoresRobots: true },
    ],
    [["https://x.test/a", "--page"], { what: "https://x.test/a", isOnePage: true }],
  ] as const)("are read from %j", (words, options) => {
    expect(readLearnOptions(words)).toEqual({ ...NOTHING, ...options });
  });

  test.each([
    [[], "takes one address"],
    [[""], "takes one address"],
    [["a", "b"], "takes one address"],
    [["a", "--often"], "does not understand its options: Unknown option '--often'"],
    [["https://x.test", "--every"], "does not understand its options"],
    [["https://x.test", "--every", "0h"], "from 1h to 365d"],
    [["https://x.test", "--every", "366d"], "from 1h to 365d"],
    [["https://x.test", "--every", "24"], "from 1h to 365d"],
    [["docs", "--every", "24h"], "with an address only"],
    [["docs", "--ignore-robots"], "with an address only"],
    [["https://x.test", "--as", "x"], "with a file or folder only"],
    [["docs", "--as", " "], "takes with --as a name"],
    [["docs", "--as", "https://x.test"], "takes with --as a name"],
    [["docs", "--as", "api:"], "takes with --as a name"],
    [["docs", "--as", "note:a.md"], "takes with --as a name"],
    [["docs", "--as", "a\nb.md"], "takes with --as a name"],
  ] as const)("that are wrong are refused in words: %j", (words, reason) => {
    expect(() => readLearnOptions(words)).toThrow(reason);
  });
});
