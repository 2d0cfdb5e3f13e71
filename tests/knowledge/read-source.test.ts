import { afterEach, beforeEach, describe, expect, test } from "bun:test";

import { LearningProgress } from "../../src/knowledge/learning-progress.ts";
import { readSource } from "../../src/knowledge/read-source.ts";
import type { KnowledgeDocument, KnowledgeSource } from "../../src/store/knowledge-store.ts";
import { openSqliteStore } from "../../src/store/sqlite/open.ts";
import { CrawledSite, htmlPage, redirect } from "../support/crawled-site.ts";
import { addSource } from "../support/stored-knowledge.ts";

let site: CrawledSite;
let store: ReturnType<typeof openSqliteStore>;
let now: number;
let source: KnowledgeSource;

beforeEach(async () => {
  isRoomLeft = true;
  site = new CrawledSite();
  store = openSqliteStore(":memory:");
  now = Date.UTC(2026, 10, 1);
  source = await addSource(store, { uri: site.origin });
});
afterEach(async () => {
  await site.stop();
  await store.close();
});

let isRoomLeft = true;

function read(signal = new AbortController().signal, progress = new LearningProgress()) {
  now += 24 * 60 * 60 * 1000;
  const isFree = () => Promise.resolve();
  const hasRoom = () => Promise.resolve(isRoomLeft);
  const deps = {
    store,
    fetch: site.safeFetch(2000),
    progress,
    isFree,
    hasRoom,
    now: () => now,
    pauseMs: 0,
  };
  return readSource(source, deps, signal);
}

async function documents(): Promise<readonly KnowledgeDocument[]> {
  return (await store.listDocuments({ limit: 1000 })).documents;
}

/** The documents in short: `ok /a A title`, `failed /b why`. */
async function inShort(): Promise<string[]> {
  return (await documents())
    .map(({ status, uri, title, reason }) => {
      const path = uri.replace(site.origin, "");
      return [status, path, title, reason?.replaceAll(site.origin, "")].filter(Boolean).join(" ");
    })
    .toSorted();
}

async function find(text: string): Promise<string[]> {
  const found = await store.searchKnowledge([{ text, weight: 1, maxPostings: 1000 }]);
  const sections = await store.readSections(found.map(({ id }) => id));
  return sections.map(({ uri }) => uri.replace(site.origin, ""));
}

/** A page that says this, with links to others. */
const page = (title: string, ...links: string[]) =>
  htmlPage(title, `All about the ${title.toLowerCase()} of this shop, in one sentence.`, links);

describe("a website that is read", () => {
  test("is found by its words, and its pages have a status in words", async () => {
    site.set({
      "/": page("Home", "/prices", "/secret", "/app", "/lost", "/terms.pdf"),
      "/prices": page("Prices"),
      "/secret": { body: page("Secret"), headers: { "x-robots-tag": "noindex" } },
      "/app": '<div id="app"></div><script src="/app.js"></script>',
    });
    expect(await read()).toMatchObject({ stored: 2, withoutText: 4, error: undefined });
    expect(await inShort()).toEqual([
      expect.stringMatching(/^empty \/app There is no text in it: is it made in the browser/),
      "failed /lost The server says that it does not exist (404).",
      "ok / Home",
      "ok /prices Prices",
      "skipped /secret The page says that it is not to be found (noindex).",
      "skipped /terms.pdf It is a file, not a page. The command “chatporch learn FILE” reads it.",
    ]);
    expect(await find("prices")).toEqual(["/prices"]);
  });

  test("without finding any text says why beside its name", async () => {
    const app = '<div id="app"></div><script src="/app.js"></script><a href="/lost"></a>';
    site.set({ "/": app, "/lost": { status: 500 } });
    expect(await read()).toMatchObject({
      error: expect.stringMatching(
        /^None of its 2 pages could be read\. Of the first: .*JavaScript/,
      ),
      hasFailed: true,
    });
    site.set({ "/lost": page("Found") });
    expect(await read()).toMatchObject({ stored: 1, error: undefined, hasFailed: false });
    // What it was yesterday is still there.
    site.set({ "/": { status: 500 }, "/lost": { status: 500 } });
    expect(await read()).toMatchObject({
      error: "The server answers with status 500.",
      hasFailed: true,
    });
    expect(await find("found")).toEqual(["/lost"]);
  });

  test("and has not changed is not stored again", async () => {
    site.set({
      "/": page("Home", "/prices"),
      "/prices": { body: page("Prices"), headers: { etag: '"1"' } },
    });
    site.setSitemap(["/", "/prices"]);
    await read();
    const before = await documents();
    expect(await read()).toMatchObject({ stored: 0, unchanged: 2 });
    const after = await documents();
    expect(after.map(({ changedAt }) => changedAt)).toEqual(
      before.map(({ changedAt }) => changedAt),
    );
    expect(after.map(({ checkedAt }) => checkedAt)).toEqual([now, now]);
    expect(after[1]?.etag).toBe('"1"');
  });

  test("and has changed is found by its new words, and not by the old ones", async () => {
    site.set({ "/": page("Umbrellas") });
    await read();
    site.set({ "/": page("Raincoats") });
    expect(await read()).toMatchObject({ stored: 1, unchanged: 0 });
    expect(await find("umbrellas")).toEqual([]);
    expect(await find("raincoats")).toEqual(["/"]);
  });

  test("has no line of its frame among its words", async () => {
    const paths = Array.from({ length: 30 }, (_, index) => `/${index}`);
    for (const path of paths) {
      const text = `Article ${path.slice(1)} has its own words.</p><p>We use cookies to please you.`;
      site.set({ [path]: htmlPage(`Article ${path.slice(1)}`, text) });
    }
    site.set({ "/": page("Home", ...paths) });
    await read();
    expect(await find("cookies")).toEqual([]);
    expect(await find("article 17")).toContain("/17");
  });

  test("has one document for pages with the same text", async () => {
    site.set({
      "/": page("Home", "/a", "/b"),
      "/a": page("Twins"),
      "/b": page("Twins"),
    });
    await read();
    expect(await inShort()).toEqual([
      "ok / Home",
      "ok /a Twins",
      "skipped /b It has the same text as /a.",
    ]);
  });

  test("shows how far it is, and no more once it has ended", async () => {
    site.set({ "/": page("Home", "/a"), "/a": page("Prices") });
    const progress = new LearningProgress(() => 0);
    const seen: unknown[] = [];
    progress.subscribe((_id, step) => seen.push(step && [step.read, step.total, step.address]));
    await read(undefined, progress);
    expect(seen).toEqual([[1, 2, `${site.origin}/`], undefined]);
    expect(progress.current).toEqual([]);
  });
});

describe("a page that is gone", () => {
  test.each([
    ["does not exist any more", () => site.pages.delete("/prices")],
    ["leads to another page", () => site.set({ "/prices": redirect("/") })],
    [
      "is not to be found any more",
      () =>
        site.set({ "/prices": { body: page("Prices"), headers: { "x-robots-tag": "noindex" } } }),
    ],
  ])("because it %s is removed after three readings", async (_why, vanish) => {
    site.set({ "/": page("Home", "/prices"), "/prices": page("Prices") });
    await read();
    vanish();
    for (const isFound of [true, true, false]) {
      await read();
      expect(await find("prices")).toEqual(isFound ? ["/prices"] : []);
    }
  });

  test("from the sitemap is removed after three readings", async () => {
    site.set({ "/": page("Home"), "/prices": page("Prices") });
    site.setSitemap(["/", "/prices"]);
    await read();
    site.setSitemap(["/", "/new"]);
    await read();
    await read();
    expect(await inShort()).toContain(
      "ok /prices Prices The website's sitemap does not name it any more.",
    );
    expect(await read()).toMatchObject({ removed: 2 });
    expect(await find("prices")).toEqual([]);
  });

  test("and comes back in time stays", async () => {
    site.set({ "/": page("Home", "/prices"), "/prices": page("Prices") });
    await read();
    for (let round = 0; round < 3; round++) {
      site.pages.delete("/prices");
      await read();
      await read();
      site.set({ "/prices": page("Prices") });
      await read();
    }
    expect(await inShort()).toEqual(["ok / Home", "ok /prices Prices"]);
  });

  test("stays when the owner has switched it off: it would come back switched on", async () => {
    site.set({ "/": page("Home", "/prices"), "/prices": page("Prices") });
    await read();
    const prices = await store.findDocument(`${site.origin}/prices`);
    await store.switchDocument(prices?.id ?? 0, true);
    site.pages.delete("/prices");
    for (let round = 0; round < 4; round++) await read();
    expect((await store.findDocument(`${site.origin}/prices`))?.status).toBe("off");
  });
});

describe("a fault that passes", () => {
  test.each([
    ["a page that fails", () => site.set({ "/prices": { status: 500 } })],
    ["a page that refuses", () => site.set({ "/prices": { status: 403 } })],
    ["a page that has lost its text", () => site.set({ "/prices": "<script src=x></script>" })],
    ["a start that fails", () => site.set({ "/": { status: 502 } })],
    ["a start that is gone", () => site.pages.delete("/")],
    ["rules that cannot be read", () => site.set({ "/robots.txt": { status: 500 } })],
    ["a sitemap that cannot be read", () => site.set({ "/sitemap.xml": { status: 500 } })],
    ["a server that is down", async () => site.stop()],
  ])("deletes nothing: %s", async (_what, fail) => {
    site.set({ "/": page("Home", "/prices"), "/prices": page("Prices"), "/more": page("Offers") });
    site.setSitemap(["/", "/prices", "/more"]);
    await read();
    await fail();
    for (let round = 0; round < 4; round++) await read();
    expect(await find("prices")).toEqual(["/prices"]);
    expect(await find("offers")).toEqual(["/more"]);
  });

  test("has its reason beside the page, until the page is there again", async () => {
    site.set({ "/": page("Home", "/prices"), "/prices": page("Prices") });
    await read();
    site.set({ "/prices": { status: 503, headers: { "retry-after": "0" } } });
    await read();
    expect(await inShort()).toContain(
      "ok /prices Prices The server is not available (503). It will be tried again later.",
    );
    site.set({ "/prices": page("Prices") });
    await read();
    expect(await inShort()).toContain("ok /prices Prices");
  });

  test("of the whole site has a reason in words", async () => {
    site.set({ "/": { status: 403 } });
    expect(await read()).toMatchObject({
      hasFailed: true,
      error: "The server refuses it (403). Does it refuse bots?",
    });
    expect(await documents()).toEqual([]);
  });
});

describe("a reading that is stopped", () => {
  test("goes on at the next one, and finds what it has not seen yet", async () => {
    site.set({ "/": page("Home", "/a"), "/a": page("Prices", "/b"), "/b": page("Offers") });
    const stop = new AbortController();
    const progress = new LearningProgress();
    progress.subscribe((_id, step) => step?.read === 1 && stop.abort());
    await read(stop.signal, progress);
    expect(await find("offers")).toEqual([]);
    await read();
    expect(await find("offers")).toEqual(["/b"]);
  });
});

test("a website that is removed while it is read is left alone, and nothing of it is stored", async () => {
  const paths = Array.from({ length: 60 }, (_, index) => `/${index}`);
  site.set({ "/": page("Home", ...paths) });
  for (const path of paths) site.set({ [path]: page(`Prices of ${path}`) });
  const progress = new LearningProgress();
  progress.subscribe((_id, step) => {
    if (step?.read === 1) void store.removeSource(source.id);
  });
  await read(undefined, progress);
  expect(site.asked.length).toBeLessThan(30);
  expect(await documents()).toEqual([]);
});

describe("one page", () => {
  test("is read alone, and keeps its text when it fails", async () => {
    site.set({ "/": page("Home", "/prices"), "/prices": page("Prices", "/") });
    source = await addSource(store, { kind: "page", uri: `${site.origin}/prices` });
    await read();
    expect(await inShort()).toEqual(["ok /prices Prices"]);
    site.set({ "/prices": { status: 500 } });
    await read();
    expect(await find("prices")).toEqual(["/prices"]);
  });
});

describe("what is more than can be kept", () => {
  test("of one page is left out, and said", async () => {
    const text = Array.from({ length: 90_000 }, (_, index) => `word${index}`).join(" ");
    site.set({ "/": htmlPage("Long", text) });
    await read();
    const [document] = await documents();
    expect(document).toMatchObject({
      sections: 400,
      reason: "It is very long. Its first 400 sections are searched.",
    });
  });

  test("in the database is left out, so that conversations have room", async () => {
    site.set({ "/": page("Umbrellas", "/a"), "/a": page("Prices") });
    await read();
    site.set({ "/": page("Raincoats", "/a") });
    isRoomLeft = false;
    const reading = await read();
    expect(reading).toMatchObject({ stored: 0, unchanged: 1 });
    expect(reading.error).toStartWith("The database is nearly full (MAX_DATABASE_MB)");
    expect(await find("umbrellas")).toEqual(["/"]);
    isRoomLeft = true;
    expect(await read()).toMatchObject({ stored: 1, unchanged: 1, error: undefined });
    expect(await find("raincoats")).toEqual(["/"]);
  });

  test("of all sources is left out, and said once", async () => {
    site.set({ "/": page("Home", "/a"), "/a": page("Prices") });
    const full = new Proxy(store, {
      get: (target, name) =>
        name === "putDocument" ? async () => "full" : Reflect.get(target, name).bind(target),
    });
    const isFree = () => Promise.resolve();
    const hasRoom = () => Promise.resolve(true);
    const progress = new LearningProgress();
    const deps = {
      store: full,
      fetch: site.safeFetch(),
      progress,
      isFree,
      hasRoom,
      now: () => now,
      pauseMs: 0,
    };
    const reading = await readSource(source, deps, new AbortController().signal);
    expect(reading).toMatchObject({ stored: 0, refused: 2 });
    expect(reading.error).toStartWith("There is no room for some pages");
    expect((await inShort())[0]).toStartWith("skipped / There is no room for it");
  });
});
