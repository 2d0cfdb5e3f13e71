import { describe, expect, test } from "bun:test";

import { Scope } from "../../src/crawl/scope.ts";

const scopeOf = (start: string, only?: string) => new Scope(new URL(start), only);

describe("the addresses of a site", () => {
  test.each([
    ["https://example.com/", "https://example.com/a/b?c", true],
    ["https://example.com/", "https://example.com.evil.test/", false],
    ["https://example.com/", "http://example.com/", false],
    ["https://example.com/", "https://www.example.com/", false],
    ["https://example.com/docs", "https://example.com/docs", true],
    ["https://example.com/docs", "https://example.com/docs/a", true],
    ["https://example.com/docs", "https://example.com/docs?page=2", true],
    ["https://example.com/docs", "https://example.com/docs-old", false],
    ["https://example.com/docs/", "https://example.com/docs/a", true],
    ["https://example.com/docs/", "https://example.com/docs", false],
    ["https://example.com/docs/index.html", "https://example.com/docs/other.html", true],
    ["https://example.com/docs/index.html?a=b", "https://example.com/docs/other.html", true],
    ["https://example.com/docs/index.html", "https://example.com/other.html", false],
  ])("that begins at %s: %s belongs to it: %p", (start, address, isPart) => {
    expect(scopeOf(start).has(new URL(address))).toBe(isPart);
  });

  test("are those that the owner names, if he does", () => {
    const scope = scopeOf("https://example.com/", "/de/prod");
    expect(scope.has(new URL("https://example.com/de/products/a"))).toBe(true);
    expect(scope.has(new URL("https://example.com/en/products/a"))).toBe(false);
    expect(scope.has(new URL("https://other.test/de/products/a"))).toBe(false);
    expect(scope.folder.href).toBe("https://example.com/de/");
    const moved = scope.movedTo(new URL("https://www.example.com/en/"), false);
    expect(moved?.has(new URL("https://www.example.com/de/products/a"))).toBe(true);
  });

  test("are written in one way", () => {
    const scope = scopeOf("https://www.example.com/");
    for (const other of [
      "http://example.com/a?b",
      "https://example.com/a?b",
      "http://www.example.com/a?b",
    ]) {
      expect(scope.settle(new URL(other)).href).toBe("https://www.example.com/a?b");
    }
    for (const other of ["https://shop.example.com/a", "https://example.com:8443/a"]) {
      expect(scope.settle(new URL(other)).href).toBe(other);
    }
  });

  test.each([
    ["https://example.com/", "/"],
    ["https://example.com/docs", "/"],
    ["https://example.com/docs/", "/docs/"],
    ["https://example.com/docs/index.html", "/docs/"],
  ])("have their files for crawlers, at %s, in the folder %s", (start, path) => {
    expect(scopeOf(start).folder.pathname).toBe(path);
  });
});

describe("a site that redirects", () => {
  test.each([
    ["http://example.com/", "https://example.com/", "https://example.com/a"],
    ["http://example.com/", "https://www.example.com/en/", "https://www.example.com/de/"],
    ["https://example.com/docs", "https://example.com/docs/", "https://example.com/docs/a"],
    [
      "https://example.com/docs",
      "https://www.example.com/docs/intro",
      "https://www.example.com/docs/a",
    ],
  ])("from %s to %s has %s", (start, target, address) => {
    const moved = scopeOf(start).movedTo(new URL(target), false);
    expect(moved?.start.href).toBe(target);
    expect(moved?.has(new URL(address))).toBe(true);
  });

  test.each([
    ["https://example.com/", "https://other.test/"],
    ["https://example.com/docs/", "https://example.com/login"],
    ["https://example.com/", "https://example.com:8443/"],
  ])("from %s to %s is another site", (start, target) => {
    expect(scopeOf(start).movedTo(new URL(target), false)).toBeUndefined();
  });

  test("leads one page anywhere in the site", () => {
    const moved = scopeOf("https://example.com/a").movedTo(new URL("https://example.com/b"), true);
    expect(moved?.start.href).toBe("https://example.com/b");
  });
});
