import { expect, test } from "bun:test";

import fc from "fast-check";

import { readPanelSettings } from "../../../src/widget/panel/panel-settings.ts";
import { sentencesOf } from "../../../src/widget/panel/sentences.ts";

test("whatever the tag's attributes hold, the settings are usable", () => {
  const names = ["position", "theme", "lang", "zIndex", "suggestions", "notice", "privacyUrl"];
  fc.assert(
    fc.property(fc.dictionary(fc.constantFrom(...names), fc.string()), (data) => {
      const { suggestions, privacyUrl = "https://", problems } = readPanelSettings(data);
      expect(suggestions.filter((each) => each.trim() === "")).toEqual([]);
      expect(privacyUrl).toMatch(/^https:\/\//i);
      expect(new Set(problems).size).toBe(problems.length);
    }),
  );
});

test("attributes with problems are named", () => {
  const data = { position: "top", theme: "pink", lang: "tlh", zIndex: "1.5" };
  const { problems } = readPanelSettings(data);
  expect(problems.toSorted()).toEqual(["data-lang", "data-position", "data-theme", "data-z-index"]);
  const right = { position: "LEFT", theme: " auto", lang: "de-AT", zIndex: "-1" };
  expect(readPanelSettings(right).problems).toEqual([]);
  expect(readPanelSettings({ position: "", theme: " " }).problems).toEqual([]);
});

test.each([
  ["https://a.test/privacy", "https://a.test/privacy"],
  [" HTTPS://a.test ", "HTTPS://a.test"],
  ["", undefined],
])("the address of the page on privacy %p is taken as %p", (privacyUrl, expected) => {
  const settings = readPanelSettings({ privacyUrl });
  expect([settings.privacyUrl, settings.problems]).toEqual([expected, []]);
});

test.each(["http://a.test/privacy", "/privacy", "javascript:alert(1)//https:", "https://["])(
  "the address of the page on privacy %p is refused",
  (privacyUrl) => {
    const settings = readPanelSettings({ privacyUrl });
    expect([settings.privacyUrl, settings.problems]).toEqual([undefined, ["data-privacy-url"]]);
  },
);

test.each(["en", "de", "es", "fr", "it", "pt", "ja", "ar"] as const)(
  "the language %s has every sentence of the panel",
  (language) => {
    const sentences = sentencesOf(language);
    expect(Object.values(sentences).filter((text) => !text)).toEqual([]);
    expect(sentences.wait).toContain("%");
    expect(Object.keys(sentences)).toHaveLength(19);
  },
);
