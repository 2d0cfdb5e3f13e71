import { describe, expect, test } from "bun:test";

import type { Store } from "../../../src/store/store.ts";
import { addSource, newDocument, newSource, section } from "../../support/stored-knowledge.ts";
import { NOON } from "../../support/stored-turns.ts";
import { forEachStore } from "./stores.ts";

const MINUTE = 60_000;

let store: Store;

forEachStore(
  (each) => {
    store = each;
  },
  () => {
    describe("a source", () => {
      test("is kept as it was named, and is new only once", async () => {
        const named = newSource({ only: "https://shop.example/docs/", ignoresRobots: true });
        const { isNew, source } = await store.addSource(named);
        expect(isNew).toBe(true);
        expect(source).toEqual({
          ...named,
          id: source.id,
          startedAt: undefined,
          endedAt: undefined,
          error: undefined,
        });
        expect(await store.addSource(newSource({ everyHours: 1 }))).toEqual({
          isNew: false,
          source,
        });
        expect(await store.findSource(source.id)).toEqual(source);
        expect(await store.findSource(source.id + 1)).toBeUndefined();
      });

      test("is new for one of several who name it at the same time", async () => {
        const added = await Promise.all([1, 2, 3].map(() => store.addSource(newSource())));
        expect(added.filter(({ isNew }) => isNew)).toHaveLength(1);
        expect(new Set(added.map(({ source }) => source.id)).size).toBe(1);
      });

      test("changes where it is changed, and stays as it is elsewhere", async () => {
        const source = await addSource(store);
        await store.changeSource(source.id, { only: "https://shop.example/a" });
        await store.changeSource(source.id, { everyHours: undefined, nextAt: NOON + 5 });
        expect(await store.findSource(source.id)).toEqual({
          ...source,
          only: "https://shop.example/a",
          everyHours: undefined,
          nextAt: NOON + 5,
        });
        await store.changeSource(source.id, { everyHours: "default" });
        expect(await store.findSource(source.id)).toMatchObject({ everyHours: "default" });
        await store.changeSource(source.id + 1, { nextAt: 1 });
        expect(await store.listSources()).toHaveLength(1);
      });

      test("is listed with what it has, the oldest first", async () => {
        const shop = await addSource(store);
        const notes = await addSource(store, { kind: "notes", uri: "notes:" });
        await store.putDocument(
          newDocument({ sourceId: shop.id, sections: [section("one two"), section("three")] }),
        );
        const gone = { sourceId: shop.id, uri: "https://shop.example/gone", at: NOON + 1 };
        await store.noteDocument({ ...gone, status: "failed", reason: "No.", isMissing: false });
        const [first, second] = await store.listSources();
        expect(first).toEqual({
          ...shop,
          documents: { ok: 1, failed: 1, empty: 0, skipped: 0, off: 0 },
          sections: 2,
          words: 3,
          changedAt: NOON + 1,
        });
        expect(second).toEqual({
          ...notes,
          documents: { ok: 0, failed: 0, empty: 0, skipped: 0, off: 0 },
          sections: 0,
          words: 0,
          changedAt: undefined,
        });
      });
    });

    describe("a source that is due", () => {
      const claim = (owner: string, now = NOON) => ({ owner, now, until: now + MINUTE });

      test("goes to one of several readers, the one that is due longest first", async () => {
        await addSource(store, { uri: "https://later.example/", nextAt: NOON + 2 });
        await addSource(store, { uri: "https://b.example/", nextAt: NOON - 2 });
        await addSource(store, { uri: "https://a.example/", nextAt: NOON - 3 });
        await addSource(store, { uri: "https://never.example/", nextAt: undefined });
        const claimed = await Promise.all(
          ["r1", "r2", "r3"].map((owner) => store.claimSource(claim(owner))),
        );
        expect(claimed.map((source) => source?.uri).toSorted()).toEqual([
          "https://a.example/",
          "https://b.example/",
          undefined,
        ]);
        // Any of the three may be the one that gets none.
        expect(claimed.flatMap((source) => source?.startedAt ?? [])).toEqual([NOON, NOON]);
      });

      test("is claimed by its id before it is due, and by one reader only", async () => {
        const { id } = await addSource(store, { uri: "https://a.example/", nextAt: undefined });
        await addSource(store, { uri: "https://b.example/" });
        const wanted = { ...claim("terminal"), sourceId: id };
        expect((await store.claimSource(wanted))?.id).toBe(id);
        expect(await store.claimSource({ ...wanted, owner: "other" })).toBeUndefined();
        expect((await store.claimSource(claim("r1")))?.uri).toBe("https://b.example/");
      });

      test("is claimed again when its reader has not kept it", async () => {
        const { id } = await addSource(store);
        await store.claimSource(claim("r1"));
        expect(await store.keepSource(id, claim("r1", NOON + MINUTE / 2))).toBe(true);
        expect(await store.claimSource(claim("r2", NOON + MINUTE))).toBeUndefined();
        expect((await store.claimSource(claim("r2", NOON + 2 * MINUTE)))?.id).toBe(id);
        expect(await store.keepSource(id, claim("r1", NOON + 2 * MINUTE))).toBe(false);
        // The end of somebody who has lost it changes nothing.
        const end = { at: NOON + 9, error: "late", nextAt: undefined };
        await store.endSource(id, { ...end, owner: "r1" });
        expect(await store.findSource(id)).toMatchObject({ endedAt: undefined, nextAt: NOON });
      });

      test("is not due any more when its reading has ended, and says how it went", async () => {
        const { id } = await addSource(store);
        await store.claimSource(claim("r1"));
        const nextAt = NOON + 10 * MINUTE;
        await store.endSource(id, { owner: "r1", at: NOON + 5, error: "It refuses us.", nextAt });
        expect(await store.findSource(id)).toMatchObject({
          startedAt: NOON,
          endedAt: NOON + 5,
          error: "It refuses us.",
          nextAt,
        });
        expect(await store.claimSource(claim("r2", NOON + MINUTE))).toBeUndefined();
        expect((await store.claimSource(claim("r2", nextAt)))?.id).toBe(id);
        await store.endSource(id, { owner: "r2", at: nextAt, error: undefined, nextAt: undefined });
        expect(await store.findSource(id)).toMatchObject({ error: undefined, nextAt: undefined });
      });

      test("can be ended by whoever reads it without a claim", async () => {
        const { id } = await addSource(store, { nextAt: undefined });
        await store.endSource(id, {
          owner: "terminal",
          at: 7,
          error: undefined,
          nextAt: undefined,
        });
        expect(await store.findSource(id)).toMatchObject({ endedAt: 7 });
      });
    });

    describe("a source that is removed", () => {
      test("is gone with its documents, and can be named anew", async () => {
        const shop = await addSource(store);
        const blog = await addSource(store, { uri: "https://blog.example/" });
        for (let n = 0; n < 60; n += 1) {
          const uri = `https://shop.example/${n}`;
          await store.putDocument(newDocument({ sourceId: shop.id, uri }));
        }
        const uri = "https://blog.example/1";
        await store.putDocument(newDocument({ sourceId: blog.id, uri }));
        expect(await store.removeSource(shop.id)).toBe(true);
        expect(await store.removeSource(shop.id)).toBe(false);
        expect((await store.listSources()).map(({ id }) => id)).toEqual([blog.id]);
        expect(await store.knowledgeSize()).toEqual({ documents: 1, sections: 1, words: 6 });
        expect((await store.listDocuments({ limit: 10 })).total).toBe(1);
        expect(await store.claimSource(claimNow("r1"))).toMatchObject({ id: blog.id });
        expect((await store.addSource(newSource())).isNew).toBe(true);
      });

      test("is kept by nobody, and takes nothing more", async () => {
        const { id } = await addSource(store);
        await store.claimSource(claimNow("r1"));
        await store.removeSource(id);
        expect(await store.keepSource(id, claimNow("r1"))).toBe(false);
        expect(await store.putDocument(newDocument({ sourceId: id }))).toBe("gone");
        const note = { sourceId: id, uri: "u", status: "failed", reason: "No." } as const;
        await store.noteDocument({ ...note, isMissing: false, at: NOON });
        expect((await store.listDocuments({ limit: 10 })).total).toBe(0);
      });
    });
  },
);

function claimNow(owner: string) {
  return { owner, now: NOON, until: NOON + MINUTE };
}
