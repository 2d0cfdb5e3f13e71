import { describe, expect, test } from "bun:test";

import {
  MAX_DOCUMENT_SECTIONS,
  MAX_FOUND,
  type NewDocument,
} from "../../../src/store/knowledge-store.ts";
import type { Store } from "../../../src/store/store.ts";
import { addSource, foundTexts, newDocument, section } from "../../support/stored-knowledge.ts";
import { NOON } from "../../support/stored-turns.ts";
import { forEachStore } from "./stores.ts";

let store: Store;

const URI = "https://shop.example/shipping";

async function put(document: Partial<NewDocument> = {}) {
  const { id: sourceId } = await addSource(store);
  return store.putDocument(newDocument({ sourceId, ...document }));
}

async function stored(uri = URI) {
  const document = await store.findDocument(uri);
  if (document === undefined) throw new Error(`${uri} is not there.`);
  return document;
}

forEachStore(
  (each) => {
    store = each;
  },
  () => {
    describe("a document", () => {
      test("is stored as it was read, and its sections are found", async () => {
        const sections = [
          section("Parcels to Norway take three days.", "Abroad › North", "north"),
          section("荷物は三日で届きます。", "日本", "ja"),
        ];
        const read = { sections, etag: '"1"', lastModified: "Mon", hash: "h", lang: undefined };
        expect(await put(read)).toBe("stored");
        const document = await stored();
        expect(document).toEqual({
          id: document.id,
          sourceId: document.sourceId,
          uri: URI,
          title: "Shipping",
          lang: undefined,
          status: "ok",
          reason: undefined,
          etag: '"1"',
          lastModified: "Mon",
          hash: "h",
          sections: 2,
          words: document.words,
          misses: 0,
          checkedAt: NOON,
          changedAt: NOON,
        });
        // As the index counts them: the Japanese sentence is more than one word.
        expect(document.words).toBeGreaterThan(8);
        const kept = await store.sectionsOf(document.id);
        expect(kept).toEqual(
          sections.map((each, position) => ({
            ...each,
            id: kept[position]?.id ?? 0,
            documentId: document.id,
            position,
            uri: URI,
            title: "Shipping",
          })),
        );
        expect(await foundTexts(store, "parcel norway")).toEqual([sections[0]?.text ?? ""]);
        expect(await foundTexts(store, "荷物")).toEqual([sections[1]?.text ?? ""]);
        expect(await foundTexts(store, "refunds")).toEqual([]);
        expect(await store.knowledgeSize()).toEqual({
          documents: 1,
          sections: 2,
          words: document.words,
        });
      });

      test("takes the place of the one with the same uri, whichever source that was of", async () => {
        await put({ sections: [section("old words"), section("older words")] });
        const before = await stored();
        const other = await addSource(store, { uri: "https://other.example/" });
        const sections = [section("new words")];
        expect(await put({ sourceId: other.id, sections, title: "New", at: NOON + 9 })).toBe(
          "stored",
        );
        expect(await stored()).toMatchObject({
          id: before.id,
          sourceId: other.id,
          title: "New",
          sections: 1,
          words: 2,
          changedAt: NOON + 9,
        });
        expect(await foundTexts(store, "old older new words")).toEqual(["new words"]);
        expect(await store.knowledgeSize()).toEqual({ documents: 1, sections: 1, words: 2 });
      });

      test("that was there with the same text is only looked at", async () => {
        await put();
        expect(await put({ at: NOON + 9, etag: '"2"' })).toBe("unchanged");
        expect(await stored()).toMatchObject({
          checkedAt: NOON + 9,
          changedAt: NOON,
          etag: '"2"',
        });
        expect(await put({ title: "Delivery" })).toBe("stored");
        expect((await stored()).title).toBe("Delivery");
      });

      test("may have many sections, and no more", async () => {
        const many = (count: number) =>
          Array.from({ length: count }, (_, n) => section(`number${n} of all`));
        expect(await put({ sections: many(MAX_DOCUMENT_SECTIONS) })).toBe("stored");
        const { id } = await stored();
        expect((await store.sectionsOf(id)).map(({ position }) => position)).toEqual(
          Array.from({ length: MAX_DOCUMENT_SECTIONS }, (_, n) => n),
        );
        expect(await foundTexts(store, "all")).toHaveLength(MAX_FOUND);
        expect((await foundTexts(store, "number399"))[0]).toBe("number399 of all");
        await expect(put({ sections: many(MAX_DOCUMENT_SECTIONS + 1) })).rejects.toThrow(
          RangeError,
        );
        // Fewer again: the others are gone.
        expect(await put({ sections: many(3) })).toBe("stored");
        expect(await foundTexts(store, "all number399")).toHaveLength(3);
      });

      test("that several store at the same time is one of theirs, whole", async () => {
        const { id: sourceId } = await addSource(store);
        const versions = ["red", "green", "blue"].map((word) =>
          Array.from({ length: 90 }, (_, n) => section(`${word} colour ${n}`)),
        );
        const outcomes = await Promise.all(
          versions.map((sections) => store.putDocument(newDocument({ sourceId, sections }))),
        );
        expect(outcomes).toEqual(["stored", "stored", "stored"]);
        const texts = (await store.sectionsOf((await stored()).id)).map(({ text }) => text);
        expect(versions.map((each) => each.map(({ text }) => text))).toContainEqual(texts);
        expect((await foundTexts(store, "colour")).toSorted()).toEqual(texts.toSorted());
      });

      test("of the owner keeps what he typed", async () => {
        await put({ original: "**Parcels**" });
        const { id } = await stored();
        expect(await store.findOriginal(id)).toBe("**Parcels**");
        expect(await store.findOriginal(id + 1)).toBeUndefined();
        await put({ uri: "other" });
        expect(await store.findOriginal((await stored("other")).id)).toBeUndefined();
      });

      test("that is removed is not found any more", async () => {
        await put();
        await put({ uri: "https://shop.example/kept", sections: [section("kept parcels")] });
        const { id } = await stored();
        expect(await store.removeDocument(id)).toBe(true);
        expect(await store.removeDocument(id)).toBe(false);
        expect(await store.findDocument(URI)).toBeUndefined();
        expect(await store.sectionsOf(id)).toEqual([]);
        expect(await foundTexts(store, "parcels norway")).toEqual(["kept parcels"]);
        expect(await store.knowledgeSize()).toEqual({ documents: 1, sections: 1, words: 2 });
      });
    });

    describe("a document that the owner has switched off", () => {
      test("is not found, keeps its text, and is found again when it is back", async () => {
        await put();
        const { id } = await stored();
        expect(await store.switchDocument(id, true)).toBe(true);
        expect(await stored()).toMatchObject({ status: "off", sections: 1 });
        expect(await foundTexts(store, "norway")).toEqual([]);
        expect(await store.sectionsOf(id)).toHaveLength(1);
        expect(await store.switchDocument(id, true)).toBe(true);
        expect(await store.switchDocument(id, false)).toBe(true);
        expect((await stored()).status).toBe("ok");
        expect(await foundTexts(store, "norway")).toHaveLength(1);
        expect(await store.switchDocument(id + 1, true)).toBe(false);
      });

      test("stays off with a new text", async () => {
        await put();
        const { id } = await stored();
        await store.switchDocument(id, true);
        expect(await put({ sections: [section("Parcels to Sweden.")] })).toBe("stored");
        expect(await stored()).toMatchObject({ status: "off", words: 3 });
        expect(await foundTexts(store, "sweden parcels")).toEqual([]);
        await store.noteDocument({
          sourceId: (await stored()).sourceId,
          uri: URI,
          status: "failed",
          reason: "No.",
          isMissing: false,
          at: NOON,
        });
        expect((await stored()).status).toBe("off");
        await store.switchDocument(id, false);
        expect(await foundTexts(store, "sweden")).toEqual(["Parcels to Sweden."]);
      });
    });

    describe("what a reading finds out about a document", () => {
      const note = { uri: URI, status: "failed", reason: "403", isMissing: false } as const;

      test("is stored for one that has no text", async () => {
        const { id: sourceId } = await addSource(store);
        await store.noteDocument({ ...note, sourceId, at: NOON });
        expect(await stored()).toMatchObject({
          status: "failed",
          reason: "403",
          title: "",
          sections: 0,
          hash: undefined,
          checkedAt: NOON,
        });
        await store.noteDocument({ ...note, sourceId, status: "empty", reason: "?", at: NOON + 1 });
        expect(await stored()).toMatchObject({ status: "empty", reason: "?" });
        expect(await store.knowledgeSize()).toEqual({ documents: 0, sections: 0, words: 0 });
        expect(await put()).toBe("stored");
        expect(await stored()).toMatchObject({ status: "ok", reason: undefined });
      });

      test("leaves a text as it was, and counts misses in a row", async () => {
        await put();
        const { sourceId } = await stored();
        const missing = { ...note, sourceId, reason: "404", isMissing: true };
        await store.noteDocument({ ...missing, at: NOON + 1 });
        await store.noteDocument({ ...missing, at: NOON + 2 });
        expect(await stored()).toMatchObject({
          status: "ok",
          reason: "404",
          misses: 2,
          checkedAt: NOON + 2,
          changedAt: NOON,
        });
        expect(await foundTexts(store, "norway")).toHaveLength(1);
        await store.touchDocument(URI, { etag: '"3"', lastModified: "Tue", at: NOON + 3 });
        expect(await stored()).toMatchObject({
          status: "ok",
          reason: undefined,
          misses: 0,
          etag: '"3"',
          lastModified: "Tue",
          checkedAt: NOON + 3,
        });
        await store.noteDocument({ ...missing, at: NOON + 4 });
        await store.noteDocument({ ...note, sourceId, at: NOON + 5 });
        expect((await stored()).misses).toBe(0);
      });
    });

    describe("the list of documents", () => {
      test("is filtered, counted, and read page by page", async () => {
        const shop = await addSource(store);
        const blog = await addSource(store, { uri: "https://blog.example/" });
        for (const [n, title] of ["Ärger", "Émile 100%", "Shipping_1"].entries()) {
          const uri = `https://shop.example/${n}`;
          await store.putDocument(newDocument({ sourceId: shop.id, uri, title }));
        }
        const uri = "https://BLOG.example/post";
        await store.noteDocument({
          sourceId: blog.id,
          uri,
          status: "skipped",
          reason: "robots.txt",
          isMissing: false,
          at: NOON,
        });
        const list = async (filter: Partial<Parameters<typeof store.listDocuments>[0]>) => {
          const { documents, total } = await store.listDocuments({ limit: 10, ...filter });
          return [total, documents.map((each) => each.title || each.uri)];
        };
        expect(await list({})).toEqual([4, ["Ärger", "Émile 100%", "Shipping_1", uri]]);
        expect(await list({ sourceId: blog.id })).toEqual([1, [uri]]);
        expect(await list({ status: "ok", sourceId: shop.id, limit: 1 })).toEqual([3, ["Ärger"]]);
        expect(await list({ search: "ÄRGER" })).toEqual([1, ["Ärger"]]);
        expect(await list({ search: "0%" })).toEqual([1, ["Émile 100%"]]);
        expect(await list({ search: "g_1" })).toEqual([1, ["Shipping_1"]]);
        expect(await list({ search: "blog.EXAMPLE" })).toEqual([1, [uri]]);
        const [first] = (await store.listDocuments({ limit: 1 })).documents;
        expect(await list({ afterId: first?.id ?? 0, limit: 2 })).toEqual([
          4,
          ["Émile 100%", "Shipping_1"],
        ]);
      });
    });

    describe("sections", () => {
      test("come in the order of the given ids, without those that are gone", async () => {
        await put({ sections: ["a", "b", "c"].map((text) => section(text)) });
        const [a, b, c] = await store.sectionsOf((await stored()).id);
        const ids = [c?.id ?? 0, a?.id ?? 0, 987_654, b?.id ?? 0];
        expect((await store.readSections(ids)).map(({ text }) => text)).toEqual(["c", "a", "b"]);
        expect(await store.readSections([])).toEqual([]);
      });

      test("are found by several texts together, each with its weight", async () => {
        await put({ sections: [section("apples and trees"), section("pears and trees")] });
        const search = async (...weights: [number, number]) => {
          const [apples, pears] = weights;
          const found = await store.searchKnowledge([
            { text: "apples", weight: apples, maxPostings: 1000 },
            { text: "pears", weight: pears, maxPostings: 1000 },
          ]);
          return (await store.readSections(found.map(({ id }) => id))).map(({ text }) => text);
        };
        expect(await search(1, 0.5)).toEqual(["apples and trees", "pears and trees"]);
        expect(await search(0.5, 1)).toEqual(["pears and trees", "apples and trees"]);
      });
    });

    test("an index that is left alone becomes whole and stays so", async () => {
      await put();
      await put({ sections: [section("other words")] });
      while (!(await store.tendKnowledge()).isDone);
      expect(await store.tendKnowledge()).toEqual({ isDone: true });
      expect(await store.knowledgeBuiltShare()).toBe(1);
      expect(await foundTexts(store, "words norway")).toEqual(["other words"]);
    });
  },
);
