import { expect, test } from "bun:test";

import type { Store } from "../../../src/store/store.ts";
import { storeExchange } from "../../support/stored-turns.ts";
import { forEachStore } from "./stores.ts";

let store: Store;

forEachStore(
  (each) => {
    store = each;
  },
  () => {
    test("a secret is made once, and each name has a secret of its own", async () => {
      expect(await store.secret("session", () => "made at first")).toBe("made at first");
      expect(await store.secret("session", () => "made again")).toBe("made at first");
      expect(await store.secret("other", () => "another")).toBe("another");
      const both = await Promise.all([
        store.secret("third", () => "one"),
        store.secret("third", () => "two"),
      ]);
      expect(new Set(both).size).toBe(1);
    });

    test("an open store answers a ping, and uses at most the bytes of its files", async () => {
      await storeExchange(store);
      await store.ping();
      expect(await store.usedBytes()).toBeGreaterThan(0);
      expect(await store.usedBytes()).toBeLessThanOrEqual(await store.sizeBytes());
    });

    test("rebuilding the search index ends after some steps, with all messages in it", async () => {
      await storeExchange(store);
      for (let isDone = false; !isDone;) ({ isDone } = await store.rebuildSearchIndex());
      expect(await store.searchBuiltShare()).toBe(1);
    });
  },
);
