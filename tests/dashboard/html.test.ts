import { describe, expect, test } from "bun:test";

import fc from "fast-check";

import { html } from "../../src/dashboard/html.ts";

/** Text with the characters that HTML is made of. */
const hostile = fc
  .array(
    fc.oneof(
      fc.string({ unit: "binary" }),
      fc.constantFrom("<", ">", '"', "'", "&", "</p>", "<!--", "-->", "]]>", "\0", "\ud800"),
      fc.constantFrom(
        "<script>",
        "</script>",
        "<img src=x onerror=alert(1)>",
        "&lt;",
        "javascript:",
      ),
    ),
  )
  .map((parts) => parts.join(""));

/** The page as Bun's rewriter parses it, in place of a browser. */
async function parse(page: string) {
  const elements: { name: string; attributes: [string, string][] }[] = [];
  let text = "";
  const rewriter = new HTMLRewriter()
    .on("*", {
      element({ tagName, attributes }) {
        elements.push({ name: tagName, attributes: [...attributes] as [string, string][] });
      },
    })
    .onDocument({
      text(chunk) {
        text += chunk.text;
      },
    });
  await rewriter.transform(new Response(page)).text();
  return { elements, text };
}

function unescape(text: string): string {
  const characters = { "&lt;": "<", "&gt;": ">", "&quot;": '"', "&#39;": "'", "&amp;": "&" };
  return text.replaceAll(
    /&(?:lt|gt|quot|#39|amp);/g,
    (entity) => Object.entries(characters).find(([name]) => name === entity)?.[1] ?? entity,
  );
}

describe("a value in a template", () => {
  test("stays text, whatever it is", async () => {
    await fc.assert(
      fc.asyncProperty(hostile, async (value) => {
        const { elements, text } = await parse(html`<p>${value}</p>`.toString());
        expect(elements).toEqual([{ name: "p", attributes: [] }]);
        expect(unescape(text)).toBe(value.toWellFormed());
      }),
      { numRuns: 500 },
    );
  });

  test("stays one attribute, whatever it is", async () => {
    await fc.assert(
      fc.asyncProperty(hostile, async (value) => {
        const { elements } = await parse(html`<p title="${value}">x</p>`.toString());
        expect(elements).toHaveLength(1);
        expect(elements[0]?.attributes.map(([name]) => name)).toEqual(["title"]);
        expect(unescape(elements[0]?.attributes[0]?.[1] ?? "")).toBe(value.toWellFormed());
      }),
      { numRuns: 500 },
    );
  });

  test("has none of the five characters with a meaning in HTML", () => {
    fc.assert(
      fc.property(hostile, (value) => {
        const text = html`${value}`.toString();
        expect(text).not.toMatch(/[<>"']|&(?!(?:amp|lt|gt|quot|#39);)/);
      }),
    );
  });

  test("may be another template, a list, a number, or nothing", () => {
    const items = ["a", "<b>"].map((item) => html`<li>${item}</li>`);
    const list = html`<ul>
      ${items}
    </ul>`;
    expect(list.toString().replaceAll(/\s/g, "")).toBe("<ul><li>a</li><li>&lt;b&gt;</li></ul>");
    expect(html`${7}${undefined}${false}${[1, ["<"]]}`.toString()).toBe("71&lt;");
  });

  test("is refused as an attribute without quotes", () => {
    expect(() => html`<p title=${"x"}></p>`).toThrow("quoted");
  });

  test("does not pass for Html because it has the same shape", () => {
    const forged = { toString: () => "<script>" };
    expect(html`${String(forged)}`.toString()).toBe("&lt;script&gt;");
  });
});
