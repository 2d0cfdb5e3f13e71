import { describe, expect, test } from "bun:test";

import { readWebAddress } from "../../src/crawl/web-address.ts";

describe("readWebAddress", () => {
  test.each([
    ["https://Example.com", "https://example.com/"],
    ["https://example.com:443/a", "https://example.com/a"],
    ["http://example.com.:80/a#part", "http://example.com/a"],
    ["https://example.com../a", "https://example.com/a"],
    ["https://bücher.example/ä", "https://xn--bcher-kva.example/%C3%A4"],
    ["https://example.com/a/../b/./c", "https://example.com/b/c"],
    ["https://example.com/?utm_source=x&utm_medium=y", "https://example.com/"],
    ["https://example.com/a?b=1&fbclid=x&c=%20+", "https://example.com/a?b=1&c=%20+"],
    ["https://example.com/a?", "https://example.com/a"],
    ["https://example.com/a;jsessionid=12AB?b=1", "https://example.com/a?b=1"],
    ["https://example.com/index.html", "https://example.com/index.html"],
    ["http://[::1]:8080/", "http://[::1]:8080/"],
    ["  https://example.com/\n", "https://example.com/"],
  ])("reads %j as %s", (text, href) => {
    expect(readWebAddress(text).url?.href).toBe(href);
  });

  test("resolves what is relative to a page", () => {
    const page = new URL("https://example.com/docs/intro");
    expect(readWebAddress("../prices?ref=1", page).url?.href).toBe(
      "https://example.com/prices?ref=1",
    );
    expect(readWebAddress("//other.example/x", page).url?.href).toBe("https://other.example/x");
  });

  test.each([
    ["example.com", "not the address of a web page"],
    ["https://", "not the address of a web page"],
    ["https://./", "not the address of a web page"],
    ["ftp://example.com/", "begin with https://"],
    ["javascript:alert(1)", "begin with https://"],
    ["file:///etc/passwd", "begin with https://"],
    ["https://user:pass@example.com/", "user name or a password"],
    ["https://user@example.com/", "user name or a password"],
    [`https://example.com/${"a".repeat(2000)}`, "longer than 2000"],
    // It is short enough as it was written, and too long as it is sent.
    [`https://example.com/${"ä".repeat(1000)}`, "longer than 2000"],
  ])("refuses %j", (text, reason) => {
    const { url, refusal } = readWebAddress(text);
    expect(url).toBeUndefined();
    expect(refusal).toContain(reason);
  });
});
