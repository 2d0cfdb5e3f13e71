import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { gzipSync } from "node:zlib";

import {
  DOCUMENTATION_PACKAGE,
  documentationFolder,
  DocumentationSite,
} from "../../harness/documentation-site.ts";
import { createSafeFetch } from "../../src/crawl/safe-fetch.ts";
import { LearningProgress } from "../../src/knowledge/learning-progress.ts";
import { readSource } from "../../src/knowledge/read-source.ts";
import { parseIpAddress } from "../../src/net/ip-address.ts";
import type { KnowledgeSource } from "../../src/store/knowledge-store.ts";
import { openSqliteStore } from "../../src/store/sqlite/open.ts";
import { addSource } from "../support/stored-knowledge.ts";

/*
 * One of Debian's documentation packages, read as a website, with pages among it that mean harm or are broken. The
 * tests are the readings of a source one after the other, so each begins with what those before it have left.
 */

const folder = documentationFolder();
if (folder === undefined) {
  const advice = `the documentation is not here (Debian: apt-get install ${DOCUMENTATION_PACKAGE})`;
  if (process.env.REQUIRE_DOCUMENTATION === "1") throw new Error(advice);
  console.warn(`\nThe tests that read a documentation package are SKIPPED: ${advice}\n`);
}

const TIMEOUT_MS = 120_000;
/** A page that takes longer fails. */
const PAGE_TIMEOUT_MS = 5000;

/** Pages that are not what they seem, and what the owner is told about each. */
const HOSTILE: Readonly<Record<string, readonly [status: string, reason: string]>> = {
  "/bomb.html": ["skipped", "It is larger than 5 MB."],
  "/drip.html": ["failed", "The server did not answer in time."],
  "/circle.html": ["failed", "It redirects more than 5 times."],
  "/inside.html": [
    "skipped",
    "It redirects to http://10.0.0.1/, which does not belong to this source.",
  ],
  "/rebound.html": [
    "skipped",
    "It redirects to http://rebound.test/, which does not belong to this source.",
  ],
  "/app.html": [
    "empty",
    "There is no text in it: is it made in the browser, by JavaScript? Notes, files or an llms-full.txt can stand in for it.",
  ],
  "/hidden.html": ["skipped", "The page says that it is not to be found (noindex)."],
  "/refused.html": ["failed", "The server refuses it (403). Does it refuse bots?"],
  "/broken.html": ["failed", "The server's answer is not packed as it says."],
  "/file.pdf": [
    "skipped",
    "It is a file, not a page. The command “chatporch learn FILE” reads it.",
  ],
};
const FORBIDDEN = /^\/release-/;
const FORBIDDEN_REASON = "The website's robots.txt does not allow it.";

function addHostilePages(site: DocumentationSite): void {
  const redirect = (location: string) => () =>
    new Response(null, { status: 302, headers: { location } });
  const html =
    (body: string, headers: Record<string, string> = {}) =>
    () =>
      new Response(body, { headers: { "content-type": "text/html", ...headers } });
  const bomb = gzipSync(Buffer.alloc(50_000_000, "<p>"));
  let drips = 0;
  site.respond("/bomb.html", () => {
    return new Response(bomb, {
      headers: { "content-encoding": "gzip", "content-type": "text/html" },
    });
  });
  // Later readings need not wait for it.
  site.respond("/drip.html", (request) => {
    return drips++ === 0 ? dripResponse(request) : new Response("No.", { status: 403 });
  });
  site.respond("/circle.html", redirect("/circle.html"));
  site.respond("/inside.html", redirect("http://10.0.0.1/"));
  site.respond("/rebound.html", redirect("http://rebound.test/"));
  site.respond("/app.html", html('<div id="root"></div><script src="app.js"></script>'));
  site.respond("/hidden.html", html("<p>Nobody is to find this.", { "x-robots-tag": "noindex" }));
  site.respond("/refused.html", () => new Response("No.", { status: 403 }));
  site.respond("/broken.html", html("not packed at all", { "content-encoding": "gzip" }));
  site.respond("/file.pdf", html("%PDF-1.7"));
  site.respond("/robots.txt", () => new Response("User-agent: *\nDisallow: /release-\n"));
}

/** A letter every tenth of a second, without end. */
function dripResponse({ signal }: Request): Response {
  let timer: Timer | undefined;
  const body = new ReadableStream({
    start(controller) {
      timer = setInterval(() => controller.enqueue("x"), 100);
      signal.addEventListener("abort", () => clearInterval(timer));
    },
    cancel: () => clearInterval(timer),
  });
  return new Response(body, { headers: { "content-type": "text/html" } });
}

describe.skipIf(folder === undefined)("a documentation package that is read as a website", () => {
  let site: DocumentationSite;
  let store: ReturnType<typeof openSqliteStore>;
  let source: KnowledgeSource;
  let now = Date.UTC(2026, 10, 1);
  /** The pages that a crawler may read. */
  let allowed: readonly string[];

  beforeAll(async () => {
    site = new DocumentationSite(folder ?? "", { host: "docs.test" });
    addHostilePages(site);
    allowed = site.pages.filter((name) => !FORBIDDEN.test(`/${name}`));
    store = openSqliteStore(":memory:");
    source = await addSource(store, { uri: `${site.origin}/` });
  });
  afterAll(async () => {
    await site.stop();
    await store.close();
  });

  function read() {
    now += 24 * 60 * 60 * 1000;
    const lookUp = (host: string) =>
      Promise.resolve([parseIpAddress(host === "docs.test" ? "127.0.0.1" : "10.0.0.1") ?? []]);
    const fetch = createSafeFetch({
      lookUp,
      allowed: { hosts: ["docs.test"], cidrs: [] },
      userAgent: "chatporch/test",
      own: new URL(site.origin),
      timeoutMs: PAGE_TIMEOUT_MS,
    });
    const isFree = () => Promise.resolve();
    const hasRoom = () => Promise.resolve(true);
    const progress = new LearningProgress();
    const deps = { store, fetch, progress, isFree, hasRoom, now: () => now, pauseMs: 0 };
    return readSource(source, deps, new AbortController().signal);
  }

  /** The documents by path. */
  async function documents() {
    const { documents: all } = await store.listDocuments({ limit: 10_000 });
    return new Map(all.map((document) => [document.uri.slice(site.origin.length), document]));
  }

  /** The pages with the best sections for a question. */
  async function find(question: string): Promise<string[]> {
    const found = await store.searchKnowledge([{ text: question, weight: 1, maxPostings: 30_000 }]);
    const sections = await store.readSections(found.slice(0, 5).map(({ id }) => id));
    return sections.map(({ uri }) => uri.slice(site.origin.length));
  }

  test(
    "has all its pages in the search but those without text and those that may not be read",
    async () => {
      const reading = await read();
      const all = await documents();
      const paths = allowed.map((name) => `/${name}`);
      const empty = paths.filter((path) => all.get(path)?.status === "empty");
      expect(paths.filter((path) => all.get(path)?.status === "ok")).toHaveLength(
        paths.length - empty.length,
      );
      expect(reading).toMatchObject({ stored: paths.length - empty.length, error: undefined });
      // They have nothing but a table of contents.
      expect(empty.length).toBeLessThan(30);
      expect(empty.filter((path) => !site.text(path.slice(1)).includes('class="toc"'))).toEqual([]);
      expect((await store.knowledgeSize()).documents).toBe(reading.stored);
    },
    { timeout: TIMEOUT_MS },
  );

  test("has a reason in words beside each page that was not read", async () => {
    const all = await documents();
    for (const [path, [status, reason]] of Object.entries(HOSTILE)) {
      expect([path, all.get(path)?.status, all.get(path)?.reason]).toEqual([path, status, reason]);
    }
    const forbidden = site.pages.filter((name) => FORBIDDEN.test(`/${name}`));
    expect(forbidden.length).toBeGreaterThan(5);
    for (const name of forbidden) {
      expect(all.get(`/${name}`)).toMatchObject({ status: "skipped", reason: FORBIDDEN_REASON });
    }
    expect(all.size).toBe(site.pages.length + Object.keys(HOSTILE).length);
  });

  test.each([
    ["maximum number of concurrent connections", "/runtime-config-connection.html"],
    ["How do I find the position of a substring?", "/functions-string.html"],
    ["storage size and range of smallint, integer and bigint", "/datatype-numeric.html"],
    ["What does VACUUM FULL lock?", "/sql-vacuum.html"],
  ])("answers %j with a page that knows it", async (question, path) => {
    expect(await find(question)).toContain(path);
  });

  test(
    "and has not changed is not stored again, and hardly asked for",
    async () => {
      const before = { ...site.answers };
      const reading = await read();
      expect(reading).toMatchObject({ stored: 0, removed: 0, error: undefined });
      expect(reading.unchanged).toBe((await store.knowledgeSize()).documents);
      // A sample is read in full, to learn what the pages have in common; pages without text have no ETag.
      expect(site.answers.full - before.full).toBeLessThan(60);
      expect(site.answers.unchanged - before.unchanged).toBeGreaterThan(1000);
    },
    { timeout: TIMEOUT_MS },
  );

  test(
    "has the new words of the pages that have changed, and the others as they were",
    async () => {
      const [first = "", second = ""] = ["sql-vacuum.html", "backup-dump.html"];
      for (const name of [first, second]) {
        site.change(
          name,
          site.text(name).replace("</body>", "<p>The zymurgist agrees.</p></body>"),
        );
      }
      expect(await read()).toMatchObject({ stored: 2, removed: 0 });
      expect((await find("zymurgist")).toSorted()).toEqual([`/${second}`, `/${first}`]);
    },
    { timeout: TIMEOUT_MS },
  );

  test(
    "loses the pages that are gone at the third reading",
    async () => {
      const { documents: before } = await store.knowledgeSize();
      site.remove("sql-vacuum.html");
      const removed: number[] = [];
      for (let round = 0; round < 3; round++) removed.push((await read()).removed);
      expect(removed).toEqual([0, 0, 1]);
      expect((await store.knowledgeSize()).documents).toBe(before - 1);
      expect(await find("zymurgist")).toEqual(["/backup-dump.html"]);
    },
    { timeout: TIMEOUT_MS },
  );
});
