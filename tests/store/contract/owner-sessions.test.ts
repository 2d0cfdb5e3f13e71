import { expect, test } from "bun:test";

import type { Store } from "../../../src/store/store.ts";
import { forEachStore } from "./stores.ts";

let store: Store;

forEachStore(
  (each) => {
    store = each;
  },
  () => {
    test("the owner's sessions are stored, touched, deleted and cleared away when they are old", async () => {
      await store.saveOwnerSession({ hash: "a", createdAt: 10, usedAt: 10 });
      await store.saveOwnerSession({ hash: "b", createdAt: 20, usedAt: 20 });
      await store.saveOwnerSession({ hash: "c", createdAt: 30, usedAt: 30 });
      expect(await store.touchOwnerSession("a", 50)).toBe(true);
      expect(await store.findOwnerSession("a")).toEqual({ hash: "a", createdAt: 10, usedAt: 50 });
      await store.deleteOwnerSessions({ createdAt: 11, usedAt: 0 });
      await store.deleteOwnerSessions({ createdAt: 0, usedAt: 21 });
      expect(await store.findOwnerSession("a")).toBeUndefined();
      expect(await store.findOwnerSession("b")).toBeUndefined();
      expect(await store.findOwnerSession("c")).toBeDefined();
      await store.deleteOwnerSession("c");
      expect(await store.findOwnerSession("c")).toBeUndefined();
    });

    test("a use of a session that is written after its logout does not bring it back", async () => {
      await store.saveOwnerSession({ hash: "a", createdAt: 10, usedAt: 10 });
      // At the same time, either may come first.
      await Promise.all([store.deleteOwnerSession("a"), store.touchOwnerSession("a", 99)]);
      expect(await store.findOwnerSession("a")).toBeUndefined();
      expect(await store.touchOwnerSession("a", 100)).toBe(false);
      expect(await store.findOwnerSession("a")).toBeUndefined();
    });
  },
);
