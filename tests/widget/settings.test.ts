import { describe, expect, test } from "bun:test";

import fc from "fast-check";

import { sentencesOf } from "../../src/widget/language.ts";
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
  const names = [
    "apiUrl",
    "apiKey",
    "title",
    "position",
    "suggestions",
    "theme",
    "lang",
    "open",
    "zIndex",
    "notice",
    "privacyUrl",
  ];
  fc.assert(
    fc.property(fc.dictionary(fc.constantFrom(...names), fc.string()), (data) => {
      const { position, theme, zIndex, language } = read(data);
      expect(["left", "right"]).toContain(position);
      expect(["auto", "light", "dark"]).toContain(theme);
      expect(zIndex).toMatch(/^-?\d+$/);
      expect(sentencesOf(language).send).not.toBe("");
    }),
  );
});

test("attributes with problems are named", () => {
  const data = { apiKey: "k", position: "top", theme: "pink", lang: "tlh", zIndex: "1.5" };
  const { problems, fatal, language } = read(data);
  expect(problems.toSorted()).toEqual(["data-lang", "data-position", "data-theme", "data-z-index"]);
  expect([fatal, language]).toEqual([undefined, "pt"]);
});

test.each([
  ["https://a.test/privacy", "https://a.test/privacy"],
  [" HTTPS://a.test ", "HTTPS://a.test"],
  ["", undefined],
])("the address of the page on privacy %p is taken as %p", (privacyUrl, expected) => {
  const settings = read({ apiKey: "k", privacyUrl });
  expect([settings.privacyUrl, settings.problems]).toEqual([expected, []]);
});

test.each(["http://a.test/privacy", "/privacy", "javascript:alert(1)//https:", "https://["])(
  "the address of the page on privacy %p is refused",
  (privacyUrl) => {
    const settings = read({ apiKey: "k", privacyUrl });
    expect([settings.privacyUrl, settings.problems]).toEqual([undefined, ["data-privacy-url"]]);
  },
);

test.each(["en", "de", "es", "fr", "it", "pt", "ja", "ar"] as const)(
  "the language %s has every sentence of the widget",
  (language) => {
    const sentences = sentencesOf(language);
    expect(Object.values(sentences).filter((text) => !text)).toEqual([]);
    expect(sentences.wait).toContain("%");
    expect(Object.keys(sentences)).toHaveLength(19);
  },
);
