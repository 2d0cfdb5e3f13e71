import { describe, expect, test } from "bun:test";

import { ALL } from "../../../src/widget/panel/languages/all.ts";
import { EN } from "../../../src/widget/panel/languages/en.ts";
import { withOwnTexts } from "../../../src/widget/panel/sentences.ts";

describe.each(Object.entries(ALL))("the language %s", (language, sentences) => {
  test("has a text for everything, with as many places for numbers as in English", () => {
    const placesOf = (text: string) => text.split("%").length - 1;
    for (const [key, text] of Object.entries(sentences)) {
      expect([key, text]).toEqual([key, text.trim()]);
      expect([key, text === ""]).toEqual([key, false]);
      expect([key, placesOf(text)]).toEqual([key, placesOf(EN[key as keyof typeof EN])]);
    }
  });

  test("is not another one that was copied", () => {
    const others = Object.entries(ALL).filter(([name]) => name !== language);
    for (const [, other] of others) expect(sentences.welcome).not.toBe(other.welcome);
  });
});

describe("the page's own texts", () => {
  test("stand in the place of the widget's, and an empty one counts as missing", () => {
    const data = {
      textSend: " Ask ",
      textGoOn: "Go on",
      textStop: " ",
      send: "no",
      textsend: "no",
    };
    const own = withOwnTexts(ALL.de, data);
    expect(own).toEqual({ sentences: { ...ALL.de, send: "Ask", goOn: "Go on" }, problems: [] });
  });

  test("of names that the widget does not have are named to the owner", () => {
    const { sentences, problems } = withOwnTexts(ALL.en, { textGoOnn: "x", textConstructor: "y" });
    expect(sentences).toEqual(EN);
    expect(problems).toEqual(["data-text-go-onn", "data-text-constructor"]);
  });

  test("are listed in docs/widget.md with the English ones", async () => {
    const paper = await Bun.file("docs/widget.md").text();
    const rows = [...paper.matchAll(/^\| `data-text-([\w-]+)` +\| (.+?) +\|$/gm)].map(
      ([, name, text]) => [name, text],
    );
    const kebab = (key: string) => key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    expect(rows).toEqual(Object.entries(EN).map(([key, text]) => [kebab(key), text]));
  });
});
