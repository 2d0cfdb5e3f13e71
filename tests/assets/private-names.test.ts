import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";

import data from "@mdn/browser-compat-data" with { type: "json" };

import { PRIVATE_NAMES } from "../../src/assets/private-names.ts";
import { panelFile } from "../../src/assets/widget-files.ts";
import { EN } from "../../src/widget/panel/languages/en.ts";

/** Files whose names cross a border: to a loader or a panel of another version, to the server, to the page's attributes. */
const SHARED = [
  "widget/contract.ts",
  "widget/people/contract.ts",
  "widget/settings.ts",
  "widget/limits/limits.ts",
  "widget/proof/challenge.ts",
  "proof/challenge.ts",
  "chat/schema.ts",
  "conversation/events.ts",
];
/** What is in the browser's storage (widget/panel/session.ts, drafts.ts). */
const STORED = ["sessionId", "sessionToken", "question", "at", "earlier", "of", "text"];

function namesBelow(table: object, depth: number): string[] {
  return Object.entries(table).flatMap(([name, value]) =>
    name === "__compat" || depth === 0 ? [] : [name, ...namesBelow(Object(value), depth - 1)],
  );
}

test("no name that the build shortens is a browser's, or one that leaves the panel's own files", () => {
  const words = SHARED.flatMap((path) => {
    const source = readFileSync(join(import.meta.dir, "../../src", path), "utf8");
    const code = source.replaceAll(/\/\*\*[^]*?\*\/|\/\/.*/g, "");
    // Sentences name nothing.
    const isSentence = (text: string) => text.includes(" ");
    const names = code.replaceAll(/(["`])(?:[^\\\n]|\\.)*?\1/g, (text) =>
      isSentence(text) ? "" : text,
    );
    return names.match(/\w+/g) ?? [];
  });
  const taken = new Set([
    ...namesBelow(Object(data.api), 2),
    ...namesBelow(Object(data.javascript.builtins), 2),
    ...words,
    ...STORED,
    ...Object.keys(EN),
  ]);
  expect(PRIVATE_NAMES.filter((name) => taken.has(name))).toEqual([]);
  expect(new Set(PRIVATE_NAMES).size).toBe(PRIVATE_NAMES.length);
});

/** Classes and attributes of the same name. */
const TEXTS = new Set(["inputPlaceholder", "privacyUrl", "rest", "suggestions", "welcomeMessage"]);

test("no name that the build shortens is a text in the panel, which may name a property", () => {
  const texts = panelFile("en").source.matchAll(/(["'`])(\w+)\1/g);
  const used = new Set([...texts].map(([, , text = ""]) => text));
  expect(PRIVATE_NAMES.filter((name) => used.has(name) && !TEXTS.has(name))).toEqual([]);
});
