import { expect, test } from "bun:test";

import type { Store } from "../../../src/store/store.ts";
import { forEachStore } from "./stores.ts";

let store: Store;

forEachStore(
  (each) => {
    store = each;
  },
  () => {
    test("a new store has no owner's password and no claim", async () => {
      expect(await store.ownerPasswordHash()).toBeUndefined();
      expect(await store.hasClaim("a", 0)).toBe(false);
      expect(await store.claimOwner("a", "hash", 0)).toBe(false);
      expect(await store.ownerPasswordHash()).toBeUndefined();
    });

    test("a claim sets the first password, once", async () => {
      await store.offerClaim({ hash: "a", expiresAt: 100 });
      expect(await store.hasClaim("b", 50)).toBe(false);
      expect(await store.claimOwner("b", "stranger's", 50)).toBe(false);
      expect(await store.hasClaim("a", 50)).toBe(true);
      expect(await store.claimOwner("a", "first", 50)).toBe(true);
      expect(await store.hasClaim("a", 50)).toBe(false);
      expect(await store.claimOwner("a", "second", 50)).toBe(false);
      expect(await store.ownerPasswordHash()).toBe("first");
    });

    test("a claim is good until its time is over", async () => {
      await store.offerClaim({ hash: "a", expiresAt: 100 });
      expect(await store.hasClaim("a", 99)).toBe(true);
      expect(await store.hasClaim("a", 100)).toBe(false);
      expect(await store.claimOwner("a", "late", 100)).toBe(false);
      expect(await store.ownerPasswordHash()).toBeUndefined();
    });

    test("of several uses of a claim at the same time, one succeeds", async () => {
      await store.offerClaim({ hash: "a", expiresAt: 100 });
      const names = ["first", "second", "third", "fourth"];
      const uses = await Promise.all(names.map((name) => store.claimOwner("a", name, 50)));
      expect(uses.filter((isClaimed) => isClaimed)).toHaveLength(1);
      expect(await store.ownerPasswordHash()).toBe(names[uses.indexOf(true)]);
    });

    test("a claim that was withdrawn is not good any more", async () => {
      await store.offerClaim({ hash: "a", expiresAt: 100 });
      await store.withdrawClaim("a");
      expect(await store.hasClaim("a", 50)).toBe(false);
      expect(await store.claimOwner("a", "late", 50)).toBe(false);
    });

    test("a password that was set in another way ends every claim", async () => {
      await store.offerClaim({ hash: "a", expiresAt: 100 });
      await store.changeOwnerPassword("from the terminal", 40);
      expect(await store.hasClaim("a", 50)).toBe(false);
      expect(await store.claimOwner("a", "late", 50)).toBe(false);
      await store.offerClaim({ hash: "b", expiresAt: 100 });
      expect(await store.claimOwner("b", "late", 50)).toBe(false);
      expect(await store.ownerPasswordHash()).toBe("from the terminal");
    });

    test("another password ends all of the owner's sessions", async () => {
      await store.changeOwnerPassword("old", 40);
      await store.saveOwnerSession({ hash: "session", createdAt: 45, usedAt: 45 });
      await store.changeOwnerPassword("new", 50);
      expect(await store.ownerPasswordHash()).toBe("new");
      expect(await store.findOwnerSession("session")).toBeUndefined();
    });
  },
);
