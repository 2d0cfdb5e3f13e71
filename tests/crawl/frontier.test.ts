import { describe, expect, test } from "bun:test";

import { Frontier, MAX_DEPTH, MAX_PAGES } from "../../src/crawl/frontier.ts";

function page(address: string, depth = 0) {
  return { url: new URL(address, "https://example.com/"), depth, changedAt: undefined };
}

describe("the pages that are to be read", () => {
  test("come in the order in which they were found, each once", () => {
    const frontier = new Frontier();
    expect([page("/a"), page("/b"), page("/a")].map((each) => frontier.add(each))).toEqual([
      true,
      true,
      false,
    ]);
    expect(
      [frontier.take(), frontier.take(), frontier.take()].map((each) => each?.url.pathname),
    ).toEqual(["/a", "/b", undefined]);
    expect([frontier.taken, frontier.found]).toEqual([2, 2]);
  });

  test("are no more than a site may have", () => {
    const frontier = new Frontier();
    for (let index = 0; index < MAX_PAGES; index++) frontier.add(page(`/${index}`));
    expect([frontier.found, frontier.isCut]).toEqual([MAX_PAGES, false]);
    expect(frontier.add(page("/more"))).toBe(false);
    expect([frontier.found, frontier.isCut]).toEqual([MAX_PAGES, true]);
  });

  test("are not deeper than a chain of links may lead, as those of an endless calendar are", () => {
    const frontier = new Frontier();
    expect(frontier.add(page("/2030/01", MAX_DEPTH))).toBe(true);
    expect(frontier.add(page("/2030/02", MAX_DEPTH + 1))).toBe(false);
  });

  test("are not the endless queries of one path", () => {
    const frontier = new Frontier();
    for (let index = 0; index < 1000; index++) frontier.add(page(`/list?sort=${index}`, 1));
    expect([frontier.found, frontier.leftOut]).toEqual([500, 500]);
    expect(frontier.add(page("/list", 1))).toBe(true);
    expect(frontier.add(page("/other?sort=1", 1))).toBe(true);
  });

  test.each([
    ["/a/b/a/b/c", true],
    ["/a/b/a/b/a/b/c", false],
    ["/a/a/a", true],
    ["/a/a/a/a", false],
    ["/2026/11/11/11.html", true],
  ])("%s may be one of them: %p", (path, isOne) => {
    expect(new Frontier().add(page(path, 1))).toBe(isOne);
  });

  test("are whatever the site itself names", () => {
    const frontier = new Frontier();
    for (let index = 0; index < 1000; index++) frontier.add(page(`/index.php?id=${index}`));
    frontier.add(page("/a/a/a/a"));
    expect([frontier.found, frontier.leftOut]).toEqual([1001, 0]);
  });
});
