import { expect, test } from "bun:test";

import fc from "fast-check";

import { readPanelSettings } from "../../../src/widget/panel/panel-settings.ts";

/** As on a page of a shop. */
function read(data: Record<string, string | undefined>) {
  return readPanelSettings(data, "https://www.example.com/shop/");
}

test("whatever the tag's attributes hold, the settings are usable", () => {
  const names = [
    "position",
    "theme",
    "lang",
    "zIndex",
    "suggestions",
    "notice",
    "privacyUrl",
    "logo",
  ];
  fc.assert(
    fc.property(fc.dictionary(fc.constantFrom(...names), fc.string()), (data) => {
      const { scheme, suggestions, privacyUrl = "https://", problems } = read(data);
      expect(["light", "dark", undefined]).toContain(scheme);
      expect(suggestions.filter((each) => each.trim() === "")).toEqual([]);
      expect(privacyUrl).toMatch(/^https:\/\//i);
      expect(new Set(problems).size).toBe(problems.length);
    }),
  );
});

test("case and white space of a scheme do not matter", () => {
  expect(read({ theme: "Dark " }).scheme).toBe("dark");
  expect(read({ theme: "auto" }).scheme).toBeUndefined();
});

test("attributes with problems are named", () => {
  const data = { position: "top", theme: "pink", lang: "tlh", zIndex: "1.5" };
  const { problems } = read(data);
  expect(problems.toSorted()).toEqual(["data-lang", "data-position", "data-theme", "data-z-index"]);
  const right = { position: "LEFT", theme: " auto", lang: "de-AT", zIndex: "-1" };
  expect(read(right).problems).toEqual([]);
  expect(read({ position: "", theme: " " }).problems).toEqual([]);
});

test.each([
  ["https://a.test/privacy", "https://a.test/privacy"],
  [" HTTPS://a.test ", "HTTPS://a.test"],
  ["", undefined],
])("the address of the page on privacy %p is taken as %p", (privacyUrl, expected) => {
  const settings = read({ privacyUrl });
  expect([settings.privacyUrl, settings.problems]).toEqual([expected, []]);
});

test.each(["http://a.test/privacy", "/privacy", "javascript:alert(1)//https:", "https://["])(
  "the address of the page on privacy %p is refused",
  (privacyUrl) => {
    const settings = read({ privacyUrl });
    expect([settings.privacyUrl, settings.problems]).toEqual([undefined, ["data-privacy-url"]]);
  },
);

test.each([
  "https://a.test/logo.svg",
  "http://a.test/logo.png",
  "//a.test/x",
  "/logo.svg",
  "a.svg",
])("the address of a logo %p is taken", (logo) => {
  const settings = read({ logo: ` ${logo}` });
  expect([settings.logo, settings.problems]).toEqual([logo, []]);
});

test.each([
  "data:image/svg+xml,<svg/>",
  "javascript:alert(1)",
  "blob:https://a.test/1",
  "http://[",
])("the address of a logo %p is refused", (logo) => {
  const settings = read({ logo });
  expect([settings.logo, settings.problems]).toEqual([undefined, ["data-logo"]]);
});
