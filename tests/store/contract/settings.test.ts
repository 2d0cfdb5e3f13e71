import { describe, expect, test } from "bun:test";

import type { Store } from "../../../src/store/store.ts";
import { settingsChange as change } from "../../support/stored-settings.ts";
import { NOON } from "../../support/stored-turns.ts";
import { forEachStore } from "./stores.ts";

let store: Store;

forEachStore(
  (each) => {
    store = each;
  },
  () => {
    describe("the owner's settings", () => {
      test("are empty and have version 0 before the first change", async () => {
        expect(await store.readSettings()).toEqual({ version: 0, values: {}, keys: [] });
        expect(await store.listAudit(10)).toEqual([]);
        expect(await store.listInstructions()).toEqual([]);
      });

      test("are set, replaced and taken away, and each change raises the version by one", async () => {
        const values = { WIDGET_TITLE: "Ask 'us' 👋\nnow", OPENAI_MODEL: "m" };
        expect(await store.changeSettings(change({ values }))).toBe(true);
        expect(await store.readSettings()).toEqual({ version: 1, values, keys: [] });
        const next = { WIDGET_TITLE: null, OPENAI_MODEL: "n", CORS_ORIGIN: null };
        expect(await store.changeSettings(change({ expectedVersion: 1, values: next }))).toBe(true);
        expect(await store.readSettings()).toEqual({
          version: 2,
          values: { OPENAI_MODEL: "n" },
          keys: [],
        });
      });

      test("stay as they are when they have another version than the change expects", async () => {
        const values = { OPENAI_MODEL: "first" };
        await store.changeSettings(change({ values }));
        const late = change({
          values: { OPENAI_MODEL: "late", WIDGET_TITLE: "late" },
          madeKeys: [{ id: "k", name: "late", key: "late-key" }],
          instructions: "late",
        });
        expect(await store.changeSettings(late)).toBe(false);
        expect(await store.changeSettings({ ...late, expectedVersion: 2 })).toBe(false);
        expect(await store.readSettings()).toEqual({ version: 1, values, keys: [] });
        expect(await store.listAudit(10)).toHaveLength(1);
        expect(await store.listInstructions()).toEqual([]);
      });

      test("take only one of several simultaneous changes", async () => {
        const names = ["a", "b", "c", "d"];
        const taken = await Promise.all(
          names.map((name) => store.changeSettings(change({ values: { OPENAI_MODEL: name } }))),
        );
        expect(taken.filter(Boolean)).toHaveLength(1);
        const { version, values } = await store.readSettings();
        expect(version).toBe(1);
        expect(values).toEqual({ OPENAI_MODEL: names[taken.indexOf(true)] ?? "" });
        expect(await store.listAudit(10)).toHaveLength(1);
      });
    });

    describe("the owner's widget keys", () => {
      test("are listed in the order in which they were made, and a revoked one stays on the list", async () => {
        const shop = { id: "k2", name: "Shop", key: "key-of-the-shop" };
        const blog = { id: "k1", name: "Blog", key: "key-of-the-blog" };
        await store.changeSettings(change({ madeKeys: [shop] }));
        const second = { expectedVersion: 1, at: NOON + 1, madeKeys: [blog] };
        await store.changeSettings(change(second));
        const third = { expectedVersion: 2, at: NOON + 2, revokedKeys: ["k2"] };
        await store.changeSettings(change(third));
        // Revoked again, it keeps its first time.
        await store.changeSettings(change({ ...third, expectedVersion: 3, at: NOON + 3 }));
        expect((await store.readSettings()).keys).toEqual([
          { ...shop, madeAt: NOON, revokedAt: NOON + 2 },
          { ...blog, madeAt: NOON + 1, revokedAt: undefined },
        ]);
      });

      test("that are revoked are kept up to a hundred, and valid ones are never forgotten", async () => {
        await store.changeSettings(
          change({ madeKeys: [{ id: "valid", name: "valid", key: "valid" }] }),
        );
        for (let n = 0; n < 102; n += 1) {
          const id = `k${n}`;
          const made = { expectedVersion: 1 + 2 * n, at: NOON + n };
          await store.changeSettings(change({ ...made, madeKeys: [{ id, name: id, key: id }] }));
          const revoked = { expectedVersion: 2 + 2 * n, at: NOON + n };
          await store.changeSettings(change({ ...revoked, revokedKeys: [id] }));
        }
        const ids = (await store.readSettings()).keys.map(({ id }) => id);
        expect(ids).toHaveLength(101);
        expect(ids).toContain("valid");
        expect(ids).not.toContain("k1");
        expect(ids).toContain("k101");
      });
    });

    describe("the audit list", () => {
      test("has who changed what and when, the newest first", async () => {
        await store.changeSettings(change());
        const audit = [
          { setting: "OPENAI_API_KEY", before: "not set", after: "changed" },
          { setting: "MAX_OUTPUT_TOKENS", before: "1024", after: "2048" },
        ];
        await store.changeSettings(
          change({ expectedVersion: 1, at: NOON + 5, by: "the terminal", audit }),
        );
        const second = { version: 2, at: NOON + 5, by: "the terminal" };
        const first = { version: 1, at: NOON, by: "the dashboard" };
        expect(await store.listAudit(10)).toEqual([
          { ...second, setting: "MAX_OUTPUT_TOKENS", before: "1024", after: "2048" },
          { ...second, setting: "OPENAI_API_KEY", before: "not set", after: "changed" },
          { ...first, setting: "WIDGET_TITLE", before: "not set", after: "Ask us" },
        ]);
        expect(await store.listAudit(1)).toHaveLength(1);
      });

      test("keeps the newest thousand entries", async () => {
        const entries = (count: number) =>
          Array.from({ length: count }, (_, n) => ({
            setting: `S${1000 + n}`,
            before: "",
            after: "",
          }));
        await store.changeSettings(change({ audit: entries(600) }));
        await store.changeSettings(change({ expectedVersion: 1, audit: entries(500) }));
        const kept = await store.listAudit(2000);
        expect(kept).toHaveLength(1000);
        expect(kept.filter(({ version }) => version === 2)).toHaveLength(500);
        expect((await store.readSettings()).version).toBe(2);
      });
    });

    test("the instructions keep their newest hundred versions", async () => {
      for (let n = 0; n < 102; n += 1) {
        const instructions = `Be kind ${n}`;
        await store.changeSettings(change({ expectedVersion: n, at: NOON + n, instructions }));
      }
      const kept = await store.listInstructions();
      expect(kept).toHaveLength(100);
      expect(kept[0]).toEqual({
        version: 102,
        text: "Be kind 101",
        at: NOON + 101,
        by: "the dashboard",
      });
      expect(kept.at(-1)?.text).toBe("Be kind 2");
    });

    test("refused origins are counted, listed from the last one on, and forgotten", async () => {
      const shop = "https://shop.example";
      const blog = "https://blog.example";
      await store.noteRefusedOrigins([
        { origin: shop, count: 2, lastAt: NOON + 2 },
        { origin: blog, count: 1, lastAt: NOON + 1 },
      ]);
      await store.noteRefusedOrigins([{ origin: blog, count: 4, lastAt: NOON + 9 }]);
      await store.noteRefusedOrigins([]);
      expect(await store.listRefusedOrigins(0)).toEqual([
        { origin: blog, count: 5, lastAt: NOON + 9 },
        { origin: shop, count: 2, lastAt: NOON + 2 },
      ]);
      expect(await store.listRefusedOrigins(NOON + 3)).toHaveLength(1);
      await store.forgetRefusedOrigin(blog);
      expect(await store.listRefusedOrigins(0)).toHaveLength(1);
    });

    test("beyond a hundred refused origins, those refused longest ago are forgotten", async () => {
      const refused = Array.from({ length: 102 }, (_, n) => ({
        origin: `https://${n}.example`,
        count: 1,
        lastAt: NOON + n,
      }));
      await store.noteRefusedOrigins(refused.slice(0, 60));
      await store.noteRefusedOrigins(refused.slice(60));
      const kept = await store.listRefusedOrigins(0);
      expect(kept).toHaveLength(100);
      expect(kept.at(-1)?.origin).toBe("https://2.example");
    });

    test("facts of the owner's first steps are listed by topic, and a newer one replaces an older one", async () => {
      const website = { topic: "website", subject: "https://shop.example", text: "" } as const;
      const model = { topic: "model", subject: "a", text: '{"says":"it’s ready 👋"}' } as const;
      await store.noteSetupFact({ ...website, at: NOON });
      await store.noteSetupFact({ ...model, at: NOON + 1 });
      await store.noteSetupFact({ ...model, text: "again", at: NOON + 2 });
      expect(await store.listSetupFacts("website")).toEqual([{ ...website, at: NOON }]);
      expect(await store.listSetupFacts("model")).toEqual([
        { ...model, text: "again", at: NOON + 2 },
      ]);
      expect(await store.listSetupFacts("address")).toEqual([]);
    });

    test("beyond eight facts of a topic, the oldest of that topic is forgotten", async () => {
      await store.noteSetupFact({ topic: "address", subject: "here", text: "", at: NOON });
      for (let n = 1; n <= 9; n += 1) {
        await store.noteSetupFact({ topic: "model", subject: `${n}`, text: "", at: NOON + n });
      }
      const subjects = (await store.listSetupFacts("model")).map(({ subject }) => subject);
      expect(subjects).toEqual(["9", "8", "7", "6", "5", "4", "3", "2"]);
      expect(await store.listSetupFacts("address")).toHaveLength(1);
    });
  },
);
