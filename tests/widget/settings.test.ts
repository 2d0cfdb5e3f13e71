import { describe, expect, test } from "bun:test";

import fc from "fast-check";

import { sideOf, zIndexOf } from "../../src/widget/loader/launcher-settings.ts";
import { ALL } from "../../src/widget/panel/languages/all.ts";
import { readSettings } from "../../src/widget/settings.ts";

const SCRIPT_URL = "https://chat.example.com/widget/chat-widget.js";

/** As on a page with the script from `scriptUrl`. */
function read(data: Record<string, string | undefined>, scriptUrl = SCRIPT_URL) {
  return readSettings(data, scriptUrl, "https://www.example.com/shop/", ["xx", "pt-BR"]);
}

describe("the widget's server address", () => {
  test.each([
    [undefined, "https://chat.example.com"],
    ["https://a.test", "https://a.test"],
    ["https://a.test/", "https://a.test"],
    ["https://a.test/chat", "https://a.test"],
    ["https://a.test/under/v1/chat/stream/?x#y", "https://a.test/under"],
    ["/api", "https://www.example.com/api"],
    ["javascript:alert(1)", ""],
    ["http://[", ""],
  ])("for data-api-url %p is %p", (apiUrl, expected) => {
    const settings = read({ apiUrl, apiKey: "key" });
    expect(settings.apiUrl).toBe(expected);
    expect(settings.fatal).toBe(expected ? undefined : "data-api-url");
  });

  test.each([
    [undefined, "https://a.test/chat/widget/chat-widget.js", "https://a.test/chat"],
    [undefined, "https://a.test/chat/widget/chat-widget.0123abcd.js?x", "https://a.test/chat"],
    [undefined, "https://a.test/help/chat/widget/chat-widget.js", "https://a.test/help/chat"],
    ["https://a.test/chat", "https://a.test/chat/widget/chat-widget.js", "https://a.test/chat"],
    ["https://a.test/chat/", "https://a.test/chat/widget/chat-widget.js", "https://a.test/chat"],
    ["https://a.test/chat/chat", "https://a.test/chat/widget/x.js", "https://a.test/chat"],
    ["https://a.test/chat", "https://b.test/chat/widget/chat-widget.js", "https://a.test"],
    ["https://a.test/chat/chat", "https://b.test/chat-widget.js", "https://a.test/chat"],
    ["https://chat", "https://b.test/chat-widget.js", "https://chat"],
  ])(
    "for data-api-url %p and the script %s, under a path, is %s",
    (apiUrl, scriptUrl, expected) => {
      const settings = read({ apiUrl, apiKey: "key" }, scriptUrl);
      expect(settings.apiUrl).toBe(expected);
    },
  );
});

test("whatever the tag's attributes hold, the settings are usable", () => {
  const names = ["apiUrl", "apiKey", "title", "position", "theme", "lang", "open", "zIndex"];
  fc.assert(
    fc.property(fc.dictionary(fc.constantFrom(...names), fc.string()), (data) => {
      expect(["left", "right"]).toContain(sideOf(data, false));
      expect(zIndexOf(data) ?? "0").toMatch(/^-?\d+$/);
      expect(ALL[read(data).language].title).toBeString();
    }),
  );
});

test("a wrong attribute counts as a missing one", () => {
  const data = { apiKey: "k", position: "top", theme: "pink", lang: "tlh", zIndex: "1.5" };
  const wrong = read(data);
  expect(wrong).toEqual(read({ apiKey: "k" }));
  expect([wrong.fatal, wrong.language]).toEqual([undefined, "pt"]);
  expect([sideOf(data, false), zIndexOf(data)]).toEqual(["right", undefined]);
});

test.each([
  ["de-AT", "de"],
  ["NL_be", "nl"],
  ["zh", "zh"],
  ["zh-CN", "zh"],
  ["zh-Hans-HK", "zh"],
  ["zh-TW", "zh-hant"],
  ["zh-Hant", "zh-hant"],
  ["zh_HK", "zh-hant"],
  ["he-IL", "he"],
  ["tlh", "en"],
  ["constructor", "en"],
])("for the tag %s the widget speaks %s", (tag, expected) => {
  const { language } = readSettings({ lang: tag }, SCRIPT_URL, "https://a.test/", []);
  expect(language).toBe(expected as typeof language);
});

test("the widget stands at the end of the lines, unless the tag says where", () => {
  expect([sideOf({}, false), sideOf({}, true)]).toEqual(["right", "left"]);
  expect(sideOf({ position: "left" }, false)).toBe("left");
  expect(sideOf({ position: "right" }, true)).toBe("right");
});

test("case and white space of an attribute do not matter", () => {
  const data = { apiKey: " k ", position: "LEFT", theme: "Dark ", lang: "DE-at", zIndex: " -7 " };
  expect(read(data)).toMatchObject({ apiKey: "k", language: "de" });
  expect([sideOf(data, false), zIndexOf(data)]).toEqual(["left", "-7"]);
});
