import { Database } from "bun:sqlite";
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { cleanUp, temporaryFolder } from "../../../harness/process.ts";
import { backupSqlite, openSqliteStore } from "../../../src/store/sqlite/open.ts";
import type { Store } from "../../../src/store/store.ts";
import { addSource, foundTexts, newDocument, section } from "../../support/stored-knowledge.ts";

const URI = "https://shop.example/shipping";

let file: string;
let store: Store;
let commits: number;

beforeEach(() => {
  file = join(temporaryFolder(), "chat.db");
  commits = 0;
  store = openSqliteStore(file, { onCommit: () => (commits += 1) });
});

afterEach(async () => {
  await store.close();
  await cleanUp();
});

/** Sections that each have the word. */
function sectionsWith(word: string, count = 400) {
  return Array.from({ length: count }, (_, n) => section(`${word} stands in section${n}`));
}

async function tendAll(): Promise<void> {
  while (!(await store.tendKnowledge()).isDone);
}

/** Changes the file as nobody does while the store is open: as an earlier version has left it, say. */
async function changeFile(...statements: readonly string[]): Promise<void> {
  await store.close();
  const db = new Database(file);
  for (const statement of statements) db.run(statement);
  db.close();
  store = openSqliteStore(file);
}

describe("a long document", () => {
  test("is stored in many short steps, and found as it was or as it is now, never as a mixture", async () => {
    const { id: sourceId } = await addSource(store);
    await store.putDocument(newDocument({ sourceId, sections: sectionsWith("apples", 200) }));
    expect(commits).toBeGreaterThan(5);
    const putting = { isDone: false };
    const put = store
      .putDocument(newDocument({ sourceId, sections: sectionsWith("pears", 200) }))
      .finally(() => (putting.isDone = true));
    const seen: string[] = [];
    while (!putting.isDone) {
      const texts = await foundTexts(store, "apples pears stands");
      const words = new Set(texts.map((text) => text.split(" ")[0] ?? ""));
      expect(words.size).toBe(1);
      seen.push(...words);
    }
    expect(await put).toBe("stored");
    expect(seen.indexOf("pears")).toBeGreaterThan(0);
    expect(seen.lastIndexOf("apples")).toBeLessThan(seen.indexOf("pears"));
  });

  test("that a process is storing is no left over of a crash for another one, until it takes too long", async () => {
    const { id: sourceId } = await addSource(store);
    const other = openSqliteStore(file);
    const put = () =>
      store.putDocument(newDocument({ sourceId, sections: sectionsWith("apples") }));
    const inTheMidst = async () => {
      const until = commits + 5;
      while (commits < until) await new Promise((resolve) => setImmediate(resolve));
    };
    const first = put();
    await inTheMidst();
    while (!(await other.tendKnowledge()).isDone);
    expect(await first).toBe("stored");
    await store.removeDocument((await store.findDocument(URI))?.id ?? 0);
    const second = put();
    await inTheMidst();
    const db = new Database(file);
    db.run("UPDATE knowledge_editions SET stored_until = 1");
    while (!(await other.tendKnowledge()).isDone);
    // It is stored anew.
    expect(await second).toBe("stored");
    expect(await store.sectionsOf((await store.findDocument(URI))?.id ?? 0)).toHaveLength(400);
    expect(await foundTexts(other, "section399")).toContain("apples stands in section399");
    await other.close();
    await tendAll();
    expect(db.query("SELECT count(*) AS n FROM knowledge_sections").get()).toEqual({ n: 400 });
    expect(db.query("SELECT count(*) AS n FROM knowledge_body_docsize").get()).toEqual({ n: 400 });
    db.close();
  });
});

describe("what was removed", () => {
  test("leaves the file and its index with all its words", async () => {
    const { id: sourceId } = await addSource(store);
    await store.putDocument(newDocument({ sourceId, sections: [section("ordinary words stay")] }));
    const secret = section("zebrafish and quokkas play", "xylophone");
    await store.putDocument(
      newDocument({ sourceId, uri: "secret", sections: [secret], original: "wombats" }),
    );
    const bytes = () => {
      // Without the common beginning with the term before it.
      const words = ["brafish", "okkas", "lophone", "mbats"];
      const text =
        readFileSync(file).toString("latin1") + readFileSync(`${file}-wal`).toString("latin1");
      return words.filter((word) => text.includes(word));
    };
    expect(bytes()).toHaveLength(4);
    await store.removeDocument((await store.findDocument("secret"))?.id ?? 0);
    await tendAll();
    expect(bytes()).toEqual([]);
    expect(await foundTexts(store, "ordinary zebrafish")).toEqual(["ordinary words stay"]);
  });

  test("of a source that a crash has left half removed is removed by the next process", async () => {
    const shop = await addSource(store);
    const blog = await addSource(store, { uri: "https://blog.example/" });
    await store.putDocument(newDocument({ sourceId: shop.id, sections: sectionsWith("apples") }));
    const uri = "https://blog.example/1";
    await store.putDocument(newDocument({ sourceId: blog.id, uri, sections: [section("pears")] }));
    await changeFile(`UPDATE knowledge_sources SET is_removed = 1 WHERE id = ${shop.id}`);
    expect(await foundTexts(store, "apples pears")).toEqual(["pears"]);
    await tendAll();
    expect(await store.knowledgeSize()).toEqual({ documents: 1, sections: 1, words: 1 });
  });
});

describe("an index that another version of the word analysis has made", () => {
  test("is made anew in short steps, in which the store keeps finding and changing", async () => {
    const { id: sourceId } = await addSource(store);
    await store.putDocument(newDocument({ sourceId, sections: sectionsWith("apples") }));
    const uri = "https://shop.example/off";
    await store.putDocument(newDocument({ sourceId, uri, sections: [section("hidden")] }));
    await store.switchDocument((await store.findDocument(uri))?.id ?? 0, true);
    await changeFile("UPDATE knowledge_index SET analyzer = 'another one'");
    expect(await store.knowledgeBuiltShare()).toBe(1);
    await store.tendKnowledge();
    await store.tendKnowledge();
    const share = await store.knowledgeBuiltShare();
    expect(share).toBeGreaterThan(0);
    expect(share).toBeLessThan(1);
    // The newest sections come first.
    expect(await foundTexts(store, "section399")).toContain("apples stands in section399");
    await store.putDocument(
      newDocument({ sourceId, uri: "b", sections: [section("pears meanwhile")] }),
    );
    await tendAll();
    expect(await store.knowledgeBuiltShare()).toBe(1);
    expect(await foundTexts(store, "pears")).toEqual(["pears meanwhile"]);
    expect((await foundTexts(store, "section0"))[0]).toBe("apples stands in section0");
    expect(await foundTexts(store, "hidden")).toEqual([]);
    const db = new Database(file, { readonly: true });
    expect(db.query("SELECT count(*) AS n FROM knowledge_body_docsize").get()).toEqual({ n: 401 });
    db.close();
  });
});

test("a backup has what the bot knows, and finds it", async () => {
  const { id: sourceId } = await addSource(store);
  await store.putDocument(newDocument({ sourceId, sections: [section("荷物は三日で届きます。")] }));
  const copy = join(temporaryFolder(), "copy.db");
  backupSqlite(file, copy);
  const restored = openSqliteStore(copy);
  expect(await foundTexts(restored, "荷物")).toEqual(["荷物は三日で届きます。"]);
  expect(await restored.knowledgeSize()).toEqual(await store.knowledgeSize());
  expect((await restored.listSources())[0]?.uri).toBe("https://shop.example/");
  await restored.close();
});
