import { Database } from "bun:sqlite";
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { cleanUp, temporaryFolder } from "../../../harness/process.ts";
import { MAX_FOUND } from "../../../src/store/knowledge-store.ts";
import { KNOWLEDGE_INDEX_SCHEMA } from "../../../src/store/sqlite/knowledge-index-schema.ts";
import { type IndexedSection, KnowledgeIndex } from "../../../src/store/sqlite/knowledge-index.ts";
import { ANALYZER } from "../../../src/text/words.ts";

let db: Database;
/** What the store has, whether or not it is in the index. */
let sections: IndexedSection[];
let index: KnowledgeIndex;

beforeEach(() => {
  db = new Database(":memory:", { strict: true });
  db.run(KNOWLEDGE_INDEX_SCHEMA);
  sections = [];
  index = newIndex();
});

afterEach(async () => {
  db.close();
  await cleanUp();
});

function newIndex(): KnowledgeIndex {
  return new KnowledgeIndex(db, (through, limit) =>
    sections
      .filter(({ id }) => id <= through)
      .toSorted((a, b) => b.id - a.id)
      .slice(0, limit),
  );
}

function put(...texts: readonly (Partial<IndexedSection> & { readonly text: string })[]): void {
  db.transaction(() => {
    for (const given of texts) {
      const section = { id: sections.length + 1, title: "", heading: "", ...given };
      sections.push(section);
      index.add(section);
    }
  })();
}

function remove(id: number): void {
  sections = sections.filter((section) => section.id !== id);
  db.transaction(() => index.remove(id))();
}

async function find(text: string, options: { readonly maxPostings?: number } = {}) {
  const found = await index.search([{ text, weight: 1, maxPostings: 30_000, ...options }]);
  return found.map(({ id }) => id);
}

/** @returns how many steps it took */
function tendUntilDone(): number {
  let steps = 0;
  while (!db.transaction(() => index.tend().isDone)()) steps += 1;
  return steps;
}

describe("a search", () => {
  test("finds what has any of the words, the most telling first", async () => {
    put(
      { text: "We ship to Norway in a week." },
      { text: "We ship to Spain in three days." },
      { text: "Returns are free." },
    );
    expect(await find("How long does shipping to Norway take?")).toEqual([1, 2]);
    expect(await find("Is a return free?")).toEqual([3, 1]);
    expect(await find("warranty")).toEqual([]);
  });

  test("puts a title that fits above a text that only mentions it", async () => {
    put(
      { text: `Our history. ${"We have sold bicycles for many years. ".repeat(5)} Warranty.` },
      { title: "Warranty", heading: "Bicycles", text: "Two years on every frame." },
    );
    expect(await find("warranty")).toEqual([2, 1]);
  });

  test("finds words of scripts without spaces, and a title alone", async () => {
    put({ text: "私たちは東京から発送します。" }, { title: "반품 정책", text: "…" });
    expect(await find("東京から送れますか")).toEqual([1]);
    expect(await find("반품은 어떻게 하나요?")).toEqual([2]);
  });

  test("weighs a second text less", async () => {
    put({ text: "Shipping to Norway" }, { text: "Shipping to Spain" }, { text: "Returns" });
    const [question, before] = ["And returns?", "What is shipping to Spain?"];
    const found = await index.search([
      { text: question, weight: 1, maxPostings: 30_000 },
      { text: before, weight: 0.5, maxPostings: 5000 },
    ]);
    expect(found.map(({ id }) => id)).toEqual([3, 2, 1]);
    const [alone] = await index.search([{ text: before, weight: 0.5, maxPostings: 5000 }]);
    expect(found.find(({ id }) => id === 2)?.score).toBeCloseTo(alone?.score ?? 0, 9);
  });

  test("takes any text, and finds nothing where there is nothing", async () => {
    expect(await find("anything")).toEqual([]);
    put({ text: 'AND OR NOT NEAR("x" y) words: {a b} -c ^d' });
    for (const text of ['"', "a* OR", "NEAR(", "words:", "\0", "\ud800", "", "(", "^", "{x}:y"]) {
      await find(text);
    }
    expect(await find('near "x')).toEqual([1]);
    expect(await find(Array.from({ length: 5000 }, (_, n) => `word${n}s`).join(" "))).toEqual([1]);
  });

  test("returns so many at most, and among equals the oldest first", async () => {
    put(...Array.from({ length: MAX_FOUND + 20 }, () => ({ text: "the same" })));
    const found = await find("same");
    expect(found).toEqual(Array.from({ length: MAX_FOUND }, (_, n) => n + 1));
  });

  test("leaves out words of more than half of many sections, unless there is no other", async () => {
    put(
      ...Array.from({ length: 600 }, (_, n) => ({ text: n % 10 === 0 ? "rare common" : "common" })),
    );
    expect(await find("rare common")).toHaveLength(60);
    expect(await find("common")).toHaveLength(MAX_FOUND);
  });

  test("finds other forms of a short word, unless it is in many sections itself", async () => {
    const others = Array.from({ length: 40 }, (_, n) => ({ text: n < 5 ? "the end" : "there" }));
    put({ text: "Shipping is free." }, ...others);
    expect(await find("Do you ship?")).toEqual([1]);
    expect(await find("the")).toHaveLength(5);
  });

  test("is found by its rarest words, and its frequent ones decide among those", async () => {
    put(
      ...Array.from({ length: 700 }, (_, n) => ({
        text: [n < 3 && "rare", n % 3 === 2 ? "often here" : "some other"]
          .filter(Boolean)
          .join(" "),
      })),
    );
    expect(await find("rare often here", { maxPostings: 700 })).toEqual([3, 1, 2]);
  });

  test("counts words anew when this connection or another one has changed the index", async () => {
    const file = join(temporaryFolder(), "index.db");
    db.close();
    db = new Database(file, { strict: true, create: true });
    db.run("PRAGMA journal_mode = WAL");
    db.run(KNOWLEDGE_INDEX_SCHEMA);
    index = newIndex();
    const frequent = { text: "frequent" };
    put(...Array.from({ length: 590 }, () => frequent), { text: "seldom frequent" });
    expect(await find("frequent")).toHaveLength(MAX_FOUND);
    // From now on it is in less than half of the sections, and no longer left out beside other words.
    const other = new Database(file, { strict: true });
    const elsewhere = new KnowledgeIndex(other, () => []);
    for (let id = 1000; id < 1650; id++)
      elsewhere.add({ id, title: "", heading: "", text: "more" });
    other.close();
    expect((await find("seldom frequent")).length).toBeGreaterThan(1);
    for (let id = 2; id <= 590; id++) remove(id);
    expect(await find("seldom frequent")).toEqual([591, 1]);
  });

  test("reads no more entries than it may, and always those of the rarest words", async () => {
    put(
      ...Array.from({ length: 90 }, (_, n) => ({
        text: [n < 2 && "aaa", n < 20 && "bbb", n < 40 && "ccc", "ddd"].filter(Boolean).join(" "),
      })),
    );
    expect(await find("aaa bbb ccc ddd")).toHaveLength(90);
    expect(await find("aaa bbb ccc ddd", { maxPostings: 1000 })).toHaveLength(20);
    expect(await find("aaa bbb ccc ddd", { maxPostings: 1 })).toHaveLength(2);
  });
});

describe("a section that is removed", () => {
  test("is found no more, and its id can be used again", async () => {
    put({ text: "old words" }, { text: "other words" });
    remove(1);
    remove(77);
    expect(await find("old words")).toEqual([2]);
    put({ id: 1, text: "new words" });
    expect(await find("old")).toEqual([]);
    expect(await find("new")).toEqual([1]);
  });

  test("leaves the file with the merge, in short steps", async () => {
    db.close();
    const file = join(temporaryFolder(), "index.db");
    db = new Database(file, { strict: true, create: true });
    db.run("PRAGMA secure_delete = ON");
    db.run(KNOWLEDGE_INDEX_SCHEMA);
    index = newIndex();
    for (let n = 0; n < 30; n++) {
      put(...Array.from({ length: 40 }, (_, i) => ({ text: `some word${n * 40 + i}xyz of many` })));
    }
    put({ title: "Quokkatitle", text: "quokkabody" });
    put({ text: "the last" });
    tendUntilDone();
    remove(1201);
    expect(readFileSync(file).includes("quokkabody")).toBe(true);
    expect(tendUntilDone()).toBeGreaterThan(0);
    const bytes = readFileSync(file);
    expect(bytes.includes("quokkabody")).toBe(false);
    expect(bytes.includes("quokkatitle")).toBe(false);
    expect(await find("word7xyz")).toContain(8);
    expect(tendUntilDone()).toBe(0);
  });
});

describe("another version of the word analysis", () => {
  const setVersion = (version: string) =>
    db.run("UPDATE knowledge_index SET analyzer = ?", [version]);

  test("makes the index anew in steps, while what is added and removed meanwhile counts", async () => {
    put(...Array.from({ length: 50 }, (_, n) => ({ text: `section number${n}` })));
    setVersion("0/icu1");
    index = newIndex();
    db.transaction(() => index.tend())();
    expect(await find("number7")).toEqual([]);
    put({ text: "added meanwhile" });
    db.transaction(() => index.tend())();
    remove(1);
    remove(50);
    put({ id: 50, text: "instead" });
    tendUntilDone();
    expect(await find("number7")).toEqual(expect.arrayContaining([8]));
    expect(await find("meanwhile")).toEqual([51]);
    expect(await find("instead")).toEqual([50]);
    expect(await find("number0")).not.toContain(1);
    const count = db.query<{ n: number }, []>("SELECT count(*) AS n FROM knowledge_body_docsize");
    expect(count.get()?.n).toBe(50);
    for (const table of ["knowledge_head", "knowledge_body"]) {
      db.run(`INSERT INTO ${table} (${table}, rank) VALUES ('integrity-check', 0)`);
    }
  });

  test("is written down once the index is begun, so that a restart goes on", async () => {
    put(...Array.from({ length: 50 }, (_, n) => ({ text: `section number${n}` })));
    setVersion("0/icu1");
    index = newIndex();
    db.transaction(() => index.tend())();
    db.transaction(() => index.tend())();
    index = newIndex();
    expect(tendUntilDone()).toBeLessThanOrEqual(3);
    expect(await find("number3")).toContain(4);
    const state = db.query("SELECT analyzer, through, merge FROM knowledge_index").get();
    expect(state).toEqual({ analyzer: ANALYZER, through: 0, merge: "none" });
  });

  test("costs an empty index nothing", () => {
    expect(tendUntilDone()).toBe(0);
    put({ text: "first" });
    expect(tendUntilDone()).toBe(0);
  });
});
