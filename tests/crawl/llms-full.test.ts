import { describe, expect, test } from "bun:test";

import { splitLlmsFull } from "../../src/crawl/llms-full.ts";
import { turnsDuring } from "../support/turns-during.ts";

describe("splitLlmsFull", () => {
  test("finds each page with its address, below or above its title", async () => {
    const text = `# Shipping
Source: https://example.com/shipping

Two days.

## Abroad

A week.
# Prices

URL: <https://example.com/prices>
Ten euros.
url: https://example.com/terms
# Terms

None.`;
    expect(await splitLlmsFull(text)).toEqual([
      {
        address: "https://example.com/shipping",
        text: "# Shipping\n\nTwo days.\n\n## Abroad\n\nA week.",
      },
      { address: "https://example.com/prices", text: "# Prices\n\nTen euros." },
      { address: "https://example.com/terms", text: "# Terms\n\nNone." },
    ]);
  });

  test("finds it whatever the lines end with", async () => {
    const pages = [{ address: "https://example.com/", text: "# A\n\nb" }];
    for (const end of ["\n", "\r\n", "\r"]) {
      const text = ["# A", "Source: https://example.com/", "", "b"].join(end);
      expect(await splitLlmsFull(text)).toEqual(pages);
      expect(await splitLlmsFull(text + end)).toEqual(pages);
    }
    expect(await splitLlmsFull("Source: https://example.com/")).toEqual([
      { address: "https://example.com/", text: "" },
    ]);
  });

  test("takes no line in an example for an address", async () => {
    const text =
      "# A\nSource: https://example.com/a\n```\n# B\nsource: https://example.com/b\n```\n";
    expect((await splitLlmsFull(text)).map(({ address }) => address)).toEqual([
      "https://example.com/a",
    ]);
  });

  test.each(["", "# A\n\nText without an address.", "Source: /relative"])(
    "finds no page in %j",
    async (text) => {
      expect(await splitLlmsFull(text)).toEqual([]);
    },
  );

  test("lets others work while it makes many pages", async () => {
    const text = "Source: https://example.com/\n".repeat(100_000);
    const turns = await turnsDuring(async () => {
      expect(await splitLlmsFull(text)).toHaveLength(100_000);
    });
    // 20 for the lines, and 100 for the pages.
    expect(turns).toBeGreaterThan(100);
  });
});
