import { expect, test } from "bun:test";

import { isSameMac } from "../../src/runtime/same-mac.ts";

test.each([
  ["the same", "abcd", true],
  ["another one", "abce", false],
  ["its beginning", "abc", false],
  ["one that it begins", "abcde", false],
  ["nothing", "", false],
])("a MAC is compared with %s", (_, sent, isSame) => {
  expect(isSameMac(sent, "abcd")).toBe(isSame);
});
