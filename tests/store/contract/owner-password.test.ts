import { expect, test } from "bun:test";

import type { NewPassword } from "../../../src/store/owner-password-store.ts";
import type { Store } from "../../../src/store/store.ts";
import { settingsChange } from "../../support/stored-settings.ts";
import { forEachStore } from "./stores.ts";

let store: Store;

function chosen(passwordHash: string, at: number): NewPassword {
  return { passwordHash, at, by: "the owner" };
}

forEachStore(
  (each) => {
    store = each;
  },
  () => {
    test("a new store has no owner's password and no claim", async () => {
      expect(await store.ownerPasswordHash()).toBeUndefined();
      expect(await store.hasClaim("a", 0)).toBe(false);
      expect(await store.claimOwner("a", chosen("hash", 0))).toBe(false);
      expect(await store.ownerPasswordHash()).toBeUndefined();
    });

    test("a claim sets the first password, once", async () => {
      await store.offerClaim({ hash: "a", expiresAt: 100 });
      expect(await store.hasClaim("b", 50)).toBe(false);
      expect(await store.claimOwner("b", chosen("stranger's", 50))).toBe(false);
      expect(await store.hasClaim("a", 50)).toBe(true);
      expect(await store.claimOwner("a", chosen("first", 50))).toBe(true);
      expect(await store.hasClaim("a", 50)).toBe(false);
      expect(await store.claimOwner("a", chosen("second", 50))).toBe(false);
      expect(await store.ownerPasswordHash()).toBe("first");
    });

    test("a claim is good until its time is over", async () => {
      await store.offerClaim({ hash: "a", expiresAt: 100 });
      expect(await store.hasClaim("a", 99)).toBe(true);
      expect(await store.hasClaim("a", 100)).toBe(false);
      expect(await store.claimOwner("a", chosen("late", 100))).toBe(false);
      expect(await store.ownerPasswordHash()).toBeUndefined();
    });

    test("of several uses of a claim at the same time, one succeeds", async () => {
      await store.offerClaim({ hash: "a", expiresAt: 100 });
      const names = ["first", "second", "third", "fourth"];
      const uses = await Promise.all(names.map((name) => store.claimOwner("a", chosen(name, 50))));
      expect(uses.filter((isClaimed) => isClaimed)).toHaveLength(1);
      expect(await store.ownerPasswordHash()).toBe(names[uses.indexOf(true)]);
    });

    test("a claim that was withdrawn is not good any more", async () => {
      await store.offerClaim({ hash: "a", expiresAt: 100 });
      await store.withdrawClaim("a");
      expect(await store.hasClaim("a", 50)).toBe(false);
      expect(await store.claimOwner("a", chosen("late", 50))).toBe(false);
    });

    test("a password that was set in another way ends every claim", async () => {
      await store.offerClaim({ hash: "a", expiresAt: 100 });
      await store.changeOwnerPassword(chosen("from the terminal", 40));
      expect(await store.hasClaim("a", 50)).toBe(false);
      expect(await store.claimOwner("a", chosen("late", 50))).toBe(false);
      await store.offerClaim({ hash: "b", expiresAt: 100 });
      expect(await store.claimOwner("b", chosen("late", 50))).toBe(false);
      expect(await store.ownerPasswordHash()).toBe("from the terminal");
    });

    test("another password ends all of the owner's sessions", async () => {
      await store.changeOwnerPassword(chosen("old", 40));
      await store.saveOwnerSession({ hash: "session", createdAt: 45, usedAt: 45 });
      await store.changeOwnerPassword(chosen("new", 50));
      expect(await store.ownerPasswordHash()).toBe("new");
      expect(await store.findOwnerSession("session")).toBeUndefined();
    });

    test("every password is in the audit list with the next version of the settings, and no refused one", async () => {
      await store.changeSettings(settingsChange());
      await store.offerClaim({ hash: "a", expiresAt: 100 });
      await store.claimOwner("b", chosen("stranger's", 50));
      await store.claimOwner("a", chosen("first", 50));
      await store.claimOwner("a", chosen("late", 55));
      await store.changeOwnerPassword(chosen("second", 60));
      const entry = { setting: "Password of the dashboard", before: "", by: "the owner" };
      expect(await store.listAudit(2)).toEqual([
        { ...entry, version: 3, at: 60, after: "changed" },
        { ...entry, version: 2, at: 50, after: "chosen" },
      ]);
      expect((await store.readSettings()).version).toBe(3);
      expect(await store.changeSettings(settingsChange({ expectedVersion: 2 }))).toBe(false);
      expect(await store.changeSettings(settingsChange({ expectedVersion: 3 }))).toBe(true);
    });
  },
);
