import { afterEach, beforeAll, beforeEach, describe, expect, test } from "bun:test";

import { SQL } from "bun";

import { hasPostgres, sharedPostgres } from "../../../harness/postgres.ts";
import type { SearchText } from "../../../src/store/knowledge-store.ts";
import { openPostgresStore, type PostgresParts } from "../../../src/store/postgres/open.ts";
import { openSqliteStore } from "../../../src/store/sqlite/open.ts";
import type { Store } from "../../../src/store/store.ts";
import { WITH_INDEX } from "../../support/empty-postgres.ts";
import { knownPassages, questionsOf } from "../../support/known-passages.ts";
import { addSource, foundTexts, newDocument, section } from "../../support/stored-knowledge.ts";
import { until } from "../../support/until.ts";

/** The index that each replica has of what all of them know. */

let url: string;
let replicas: PostgresParts[];

function open(): Promise<PostgresParts> {
  return openPostgresStore(url, WITH_INDEX);
}

/** Puts everything into a store, in the same order. */
async function fill(store: Store): Promise<void> {
  const { id: sourceId } = await addSource(store);
  for (const [n, sections] of knownPassages().entries()) {
    const uri = `https://shop.example/${n}`;
    await store.putDocument(newDocument({ sourceId, uri, title: `Page ${n}`, sections }));
  }
}

describe.skipIf(!hasPostgres)("what three replicas know", () => {
  beforeAll(async () => {
    url = await (await sharedPostgres()).createDatabase();
  });
  beforeEach(async () => {
    replicas = await Promise.all([open(), open(), open()]);
    const sql = new SQL(url, { max: 1 });
    await sql`TRUNCATE knowledge_sources, knowledge_documents, knowledge_sections, knowledge_state RESTART IDENTITY`;
    await sql.close();
  });
  afterEach(async () => {
    await Promise.all(replicas.map(({ store }) => store.close()));
  });

  async function stores(): Promise<[Store, Store, Store]> {
    const [a, b, c] = replicas;
    if (!a || !b || !c) throw new Error("There are three replicas.");
    return [a.store, b.store, c.store];
  }

  test("is found in the same order and with the same scores as on SQLite", async () => {
    const sqlite = openSqliteStore(":memory:");
    const [one, two, three] = await stores();
    await Promise.all([fill(sqlite), fill(one)]);
    expect(await three.knowledgeSize()).toEqual(await sqlite.knowledgeSize());
    expect((await sqlite.knowledgeSize()).sections).toBeGreaterThan(300);
    for (const text of questionsOf(knownPassages())) {
      const texts: SearchText[] = [
        { text, weight: 1, maxPostings: 30_000 },
        { text: "and before that", weight: 0.5, maxPostings: 5000 },
      ];
      const expected = await sqlite.searchKnowledge(texts);
      expect(expected.length).toBeGreaterThan(0);
      for (const store of [one, two, three])
        expect(await store.searchKnowledge(texts)).toEqual(expected);
    }
    await sqlite.close();
  });

  test("changes at all of them when it changes at one", async () => {
    const [one, two, three] = await stores();
    const { id: sourceId } = await addSource(one);
    const uri = "https://shop.example/a";
    await one.putDocument(newDocument({ sourceId, uri, sections: [section("apples are red")] }));
    for (const store of [one, two, three]) {
      expect(await foundTexts(store, "apples")).toEqual(["apples are red"]);
    }
    await two.putDocument(newDocument({ sourceId, uri, sections: [section("apples are green")] }));
    for (const store of [one, two, three]) {
      expect(await foundTexts(store, "apples")).toEqual(["apples are green"]);
    }
    const { id = 0 } = (await one.findDocument(uri)) ?? {};
    await three.switchDocument(id, true);
    for (const store of [one, two, three]) expect(await foundTexts(store, "apples")).toEqual([]);
    await one.switchDocument(id, false);
    for (const store of [one, two, three])
      expect(await foundTexts(store, "apples")).toHaveLength(1);
    await two.removeDocument(id);
    for (const store of [one, two, three]) {
      expect(await foundTexts(store, "apples")).toEqual([]);
      expect(await store.searchKnowledge([{ text: "apples", weight: 1, maxPostings: 9 }])).toEqual(
        [],
      );
    }
  });

  test("is gone from every index when its source is removed, whatever else changes", async () => {
    const [one, two, three] = await stores();
    await fill(one);
    const shop = (await one.listSources())[0]?.id ?? 0;
    const blog = await addSource(one, { uri: "https://blog.example/" });
    const kept = newDocument({ sourceId: blog.id, uri: "kept", sections: [section("kept words")] });
    await two.putDocument(kept);
    expect((await foundTexts(three, "kept words")).length).toBeGreaterThan(0);
    await one.removeSource(shop);
    for (const store of [one, two, three]) {
      const found = await store.searchKnowledge([
        { text: "kept the words of and in", weight: 1, maxPostings: 30_000 },
      ]);
      expect(found).toHaveLength(1);
      expect(await store.knowledgeSize()).toEqual({ documents: 1, sections: 1, words: 2 });
    }
  });

  test("of a source that a replica was removing when it died is removed by another one", async () => {
    const [one, two] = await stores();
    await fill(one);
    const [shop] = await one.listSources();
    const sql = new SQL(url, { max: 1 });
    await sql`SELECT remove_source(${shop?.id ?? 0})`;
    expect(await foundTexts(two, "parcels shipping")).toEqual([]);
    expect((await two.knowledgeSize()).documents).toBeGreaterThan(0);
    while (!(await two.tendKnowledge()).isDone);
    expect(await two.knowledgeSize()).toEqual({ documents: 0, sections: 0, words: 0 });
    const [left] = await sql`SELECT count(*)::integer AS sections FROM knowledge_sections`;
    await sql.close();
    expect(left).toEqual({ sections: 0 });
  });

  test("of a change that is announced is found without looking for others", async () => {
    const [one] = await stores();
    const other = replicas[1];
    if (other === undefined) throw new Error("There are three replicas.");
    other.knowledge.notice(0);
    const versions: number[] = [];
    replicas[0]?.knowledge.onChange((version) => versions.push(version));
    const { id: sourceId } = await addSource(one);
    expect(await other.store.knowledgeSize()).toMatchObject({ sections: 0 });
    await one.putDocument(newDocument({ sourceId, sections: [section("apples")] }));
    // It has heard of nothing: no question asks the database.
    expect(await foundTexts(other.store, "apples")).toEqual([]);
    expect(versions).toHaveLength(1);
    const beat = await other.cluster.beat("a.1", { announced: 0, reading: [] });
    expect(beat.versions.knowledge).toBe(versions[0] ?? 0);
    other.knowledge.notice(versions[0] ?? 0);
    expect(await foundTexts(other.store, "apples")).toEqual(["apples"]);
    expect(await other.store.knowledgeSize()).toMatchObject({ sections: 1 });
    await one.putDocument(newDocument({ sourceId, uri: "b", sections: [section("apples too")] }));
    other.knowledge.notice(versions[1] ?? 0);
    // Also without a search.
    await until(async () => (await other.store.knowledgeSize()).sections === 2);
  });

  test("is made anew in an index when the database is put back to an earlier state", async () => {
    const [one, two] = await stores();
    const { id: sourceId } = await addSource(one);
    await one.putDocument(newDocument({ sourceId, sections: [section("apples")] }));
    const sql = new SQL(url, { max: 1 });
    await sql`CREATE TABLE earlier_documents AS SELECT * FROM knowledge_documents`;
    await sql`CREATE TABLE earlier_sections AS SELECT * FROM knowledge_sections`;
    await one.putDocument(newDocument({ sourceId, uri: "b", sections: [section("pears")] }));
    await one.putDocument(newDocument({ sourceId, sections: [section("other apples")] }));
    expect(await foundTexts(two, "apples pears")).toHaveLength(2);
    await sql.begin(async (tx) => {
      await tx`TRUNCATE knowledge_documents, knowledge_sections`;
      await tx`INSERT INTO knowledge_documents SELECT * FROM earlier_documents`;
      await tx`INSERT INTO knowledge_sections SELECT * FROM earlier_sections`;
      await tx`UPDATE knowledge_state SET version = 1`;
      await tx`DROP TABLE earlier_documents, earlier_sections`;
    });
    await sql.close();
    for (const store of [one, two]) {
      expect(await foundTexts(store, "apples pears")).toEqual(["apples"]);
    }
    await one.putDocument(newDocument({ sourceId, uri: "c", sections: [section("pears")] }));
    for (const store of [one, two]) expect(await foundTexts(store, "pears")).toEqual(["pears"]);
  });
});
