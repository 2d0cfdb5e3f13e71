import { afterEach, beforeEach, describe, expect, test } from "bun:test";

import { type NamedFile, readFiles } from "../../src/knowledge/read-files.ts";
import type { FileReading } from "../../src/readers/file-reading.ts";
import { readFile } from "../../src/readers/readers.ts";
import { openSqliteStore } from "../../src/store/sqlite/open.ts";
import type { Store } from "../../src/store/store.ts";
import { addSource, foundTexts } from "../support/stored-knowledge.ts";

let store: Store;
let sourceId: number;

beforeEach(async () => {
  store = openSqliteStore(":memory:");
  sourceId = (await addSource(store, { kind: "files", uri: "docs" })).id;
});
afterEach(() => store.close());

function file(name: string, content: string | undefined): NamedFile {
  const unreadable: FileReading = { kind: "unreadable", reason: "It cannot be opened." };
  return {
    uri: `docs/${name}`,
    read: async () =>
      content === undefined ? unreadable : readFile(new TextEncoder().encode(content), name),
  };
}

interface Given {
  readonly hasRoom?: boolean;
  readonly signal?: AbortSignal;
}

function read(files: readonly NamedFile[], { hasRoom = true, signal }: Given = {}) {
  const deps = { store, hasRoom: async () => hasRoom, now: () => 1 };
  return readFiles(sourceId, files, deps, signal ?? new AbortController().signal);
}

/** What is known, a line each: name, title, status. */
async function known(): Promise<string[]> {
  const { documents } = await store.listDocuments({ sourceId, limit: 100 });
  return documents.map(({ uri, title, status }) => `${uri} | ${title} | ${status}`).toSorted();
}

const GUIDE = file("guide.md", "# Guide\ntext");
const FAQ = file("faq.csv", "question,answer\nWhy?,Because\nHow?,So\n");

describe("files that are learned", () => {
  test("are documents, with the names of their files where they have no title", async () => {
    const notes = file("more/notes.txt", "some notes");
    expect(await read([GUIDE, FAQ, notes])).toEqual({
      stored: 4,
      unchanged: 0,
      removed: 0,
      unread: [],
    });
    expect(await known()).toEqual([
      "docs/faq.csv#how | How? | ok",
      "docs/faq.csv#why | Why? | ok",
      "docs/guide.md | Guide | ok",
      "docs/more/notes.txt | notes | ok",
    ]);
  });

  test("that are long are several documents, and nothing of them is left out", async () => {
    const chapter = (n: number) => `# Chapter ${n}\n${`The ${n}th thing is this. `.repeat(90)}\n\n`;
    const book = (chapters: number) =>
      Array.from({ length: chapters }, (_, n) => chapter(n)).join("");
    const end = "And the very last word of it is xylophone.";
    await read([file("book.md", book(300) + end)]);
    expect(await known()).toEqual([
      "docs/book.md | Chapter 0 | ok",
      "docs/book.md#part-2 | Chapter 0 | ok",
      "docs/book.md#part-3 | Chapter 0 | ok",
      "docs/book.md#part-4 | Chapter 0 | ok",
    ]);
    expect(await foundTexts(store, "xylophone")).toEqual([expect.stringContaining(end)]);
    expect(await read([file("book.md", book(300) + end)])).toMatchObject({ unchanged: 4 });
    expect(await read([file("book.md", book(10))])).toMatchObject({ stored: 1, removed: 3 });
  });

  test("are stored again where they have changed, and removed where they are gone", async () => {
    await read([GUIDE, FAQ]);
    const changed = file("faq.csv", "question,answer\nWhy?,Because\nWhen?,Now\n");
    expect(await read([changed])).toMatchObject({ stored: 1, unchanged: 1, removed: 2 });
    expect(await known()).toEqual([
      "docs/faq.csv#when | When? | ok",
      "docs/faq.csv#why | Why? | ok",
    ]);
  });

  test("keep what was read of them while they cannot be read", async () => {
    await read([GUIDE, FAQ]);
    const broken = file("faq.csv", 'question,answer\nWhy?,"Because');
    const reading = await read([file("guide.md", undefined), broken]);
    expect(reading).toEqual({
      stored: 0,
      unchanged: 0,
      removed: 0,
      unread: [
        { name: "docs/guide.md", reason: "It cannot be opened." },
        { name: "docs/faq.csv", reason: "The quotation mark in line 2 is not closed." },
      ],
    });
    expect(await known()).toEqual([
      "docs/faq.csv |  | failed",
      "docs/faq.csv#how | How? | ok",
      "docs/faq.csv#why | Why? | ok",
      "docs/guide.md | Guide | ok",
    ]);
    // The entry of the failure goes with it.
    await read([GUIDE, FAQ]);
    expect(await known()).not.toContain("docs/faq.csv |  | failed");
  });

  test("have the addresses that they name, each for one document", async () => {
    const pages = file("pages.csv", "title,text,url\nA,a,https://x.test/p\nB,b,https://x.test/p\n");
    await read([pages]);
    expect(await known()).toEqual(["https://x.test/p | A | ok", "https://x.test/p#b | B | ok"]);
  });

  test("are refused in words where the database has no room", async () => {
    const { stored, unread } = await read([GUIDE], { hasRoom: false });
    expect(stored).toBe(0);
    expect(unread[0]?.reason).toContain("MAX_DATABASE_MB");
  });

  test("lose nothing when the reading is stopped", async () => {
    await read([GUIDE, FAQ]);
    expect(await read([], { signal: AbortSignal.abort() })).toMatchObject({ removed: 0 });
    expect(await known()).toHaveLength(3);
  });
});
