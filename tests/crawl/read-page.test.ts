import { expect, test } from "bun:test";

import { readPage } from "../../src/crawl/read-page.ts";
import { turnsDuring } from "../support/turns-during.ts";

test.each([
  ["text/markdown", "a|b\n-|-\n" + "c|d\n".repeat(100_000)],
  ["text/html", "<p>a</p>\n".repeat(500_000)],
])("others work while a long page of %s is read", async (contentType, text) => {
  const turns = await turnsDuring(async () => {
    const { reading } = await readPage({
      kind: "page",
      url: new URL("https://example.com/"),
      contentType,
      bytes: new TextEncoder().encode(text),
      etag: undefined,
      lastModified: undefined,
      robotsTag: "",
    });
    expect(reading.kind).toBe("read");
  });
  expect(turns).toBeGreaterThan(100);
});
