import { describe, expect, test } from "bun:test";

import type { Store } from "../../../src/store/store.ts";
import { addSource, newDocument, section } from "../../support/stored-knowledge.ts";
import { forEachStore } from "./stores.ts";

const MODEL = "small/64";

let store: Store;

async function putPages(count: number, from = 0): Promise<void> {
  const { id: sourceId } = await addSource(store);
  for (let n = from; n < from + count; n++) {
    const uri = `https://shop.example/${n}`;
    const sections = [section(`text of page ${n}`, `heading ${n}`)];
    await store.putDocument(newDocument({ sourceId, uri, title: `Page ${n}`, sections }));
  }
}

async function vectorless(model = MODEL, after = 0, limit = 32) {
  return (await store.findVectorless(model, after, limit)).sections;
}

async function makeAll(model = MODEL): Promise<void> {
  const sections = await vectorless(model);
  const vectors = sections.map(({ id }) => ({
    sectionId: id,
    vector: Uint8Array.of(1, 2, id % 256),
  }));
  await store.putVectors(model, vectors);
}

forEachStore(
  (empty) => (store = empty),
  () => {
    test("a section without a vector is found with what the model is to read", async () => {
      await putPages(1);
      const [found, ...others] = await vectorless();
      expect(found).toMatchObject({
        title: "Page 0",
        heading: "heading 0",
        text: "text of page 0",
      });
      expect(others).toEqual([]);
    });

    test("sections are looked at a few at a time, in the order of their ids", async () => {
      await putPages(5);
      const first = await store.findVectorless(MODEL, 0, 2);
      expect(first.sections.map(({ title }) => title)).toEqual(["Page 0", "Page 1"]);
      expect(first.through).toBe(first.sections[1]?.id);
      const second = await store.findVectorless(MODEL, first.through ?? 0, 3);
      expect(second.sections.map(({ title }) => title)).toEqual(["Page 2", "Page 3", "Page 4"]);
      expect(second.through).toBeUndefined();
    });

    test("a vector comes back as it was stored, after those stored before it", async () => {
      await putPages(3);
      await makeAll();
      expect(await vectorless()).toEqual([]);
      const [first, second, third, ...others] = await store.readVectors(MODEL, 0, 10);
      expect(others).toEqual([]);
      expect(first?.vector).toEqual(Uint8Array.of(1, 2, (first?.sectionId ?? 0) % 256));
      expect(await store.readVectors(MODEL, first?.seq ?? 0, 1)).toEqual([second as never]);
      await store.putVectors(MODEL, [
        { sectionId: second?.sectionId ?? 0, vector: new Uint8Array() },
      ]);
      const [anew] = await store.readVectors(MODEL, third?.seq ?? 0, 10);
      expect(anew).toMatchObject({ sectionId: second?.sectionId, vector: new Uint8Array() });
      expect(await store.countVectors(MODEL)).toEqual({ vectors: 3, sections: 3 });
    });

    test("another model makes all vectors anew, in place of the old ones", async () => {
      await putPages(2);
      await makeAll();
      expect(await vectorless("large/own")).toHaveLength(2);
      await makeAll("large/own");
      expect(await store.readVectors(MODEL, 0, 10)).toEqual([]);
      expect(await store.countVectors("large/own")).toEqual({ vectors: 2, sections: 2 });
    });

    test("a vector goes with its section", async () => {
      await putPages(2);
      await makeAll();
      const document = await store.findDocument("https://shop.example/1");
      await store.removeDocument(document?.id ?? 0);
      expect(await store.countVectors(MODEL)).toEqual({ vectors: 1, sections: 1 });
      await putPages(1, 1);
      expect(await vectorless()).toHaveLength(1);
    });

    test("the number of a section is not used again", async () => {
      await putPages(2);
      const before = await vectorless();
      const document = await store.findDocument("https://shop.example/1");
      await store.removeDocument(document?.id ?? 0);
      await putPages(1, 1);
      const after = await vectorless();
      expect(after[1]?.id).toBeGreaterThan(before[1]?.id ?? Infinity);
    });

    test("no vector is stored for a section that is gone, and none is made for a document that is off", async () => {
      await putPages(2);
      await store.putVectors(MODEL, [{ sectionId: 999_999, vector: Uint8Array.of(1) }]);
      const document = await store.findDocument("https://shop.example/0");
      await store.switchDocument(document?.id ?? 0, true);
      expect((await vectorless()).map(({ title }) => title)).toEqual(["Page 1"]);
      expect(await store.countVectors(MODEL)).toEqual({ vectors: 0, sections: 1 });
      await store.switchDocument(document?.id ?? 0, false);
      expect(await vectorless()).toHaveLength(2);
    });
  },
);

describe("the claim to make vectors", () => {
  forEachStore(
    (empty) => (store = empty),
    () => {
      test("is kept by whoever has it", async () => {
        expect(await store.claimVectors({ owner: "a", now: 1000, until: 2000 })).toBe(true);
        expect(await store.claimVectors({ owner: "a", now: 1500, until: 2500 })).toBe(true);
      });
    },
  );
});
