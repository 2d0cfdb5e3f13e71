import { afterEach, describe, expect, test } from "bun:test";
import { join } from "node:path";

import { hasPostgres, sharedPostgres } from "../../harness/postgres.ts";
import { cleanUp, temporaryFolder } from "../../harness/process.ts";
import { createSources } from "../../src/config/sources.ts";
import { openParts } from "../../src/parts.ts";
import { createLogger } from "../../src/runtime/logger.ts";
import { eraseWhenDue } from "../../src/store/delayed-erasure.ts";
import { openPostgresStore } from "../../src/store/postgres/open.ts";
import { openSqliteStore } from "../../src/store/sqlite/open.ts";
import type { Store } from "../../src/store/store.ts";
import { NOON, storeExchange } from "../support/stored-turns.ts";
import { until } from "../support/until.ts";

afterEach(cleanUp);

const ERASE_AT = NOON + 30_000;
const QUIET_LOG = createLogger({
  level: "error",
  format: "text",
  secrets: () => [],
  write() {},
  now: Date.now,
});
const CALM = { isBehind: false };

function eraseIn(store: Pick<Store, "eraseHidden">, now: () => number) {
  return eraseWhenDue({ store, loop: CALM, log: QUIET_LOG, now, firstMs: 1, intervalMs: 1 });
}

async function isStored(store: Store, conversationId: string): Promise<boolean> {
  return (await store.listErasable("id", conversationId)).length > 0;
}

describe("a conversation that was deleted in the dashboard", () => {
  test("is shown by nobody after the server was killed, and erased by the next start in time", async () => {
    const file = join(temporaryFolder(), "chat.db");
    const killed = openSqliteStore(file);
    const { conversationId } = await storeExchange(killed);
    await killed.hideConversation(conversationId, ERASE_AT);
    // Whoever is killed erases nothing.
    await killed.close();

    const store = openSqliteStore(file);
    expect((await store.listConversations({ limit: 1 })).total).toBe(0);
    expect(await isStored(store, conversationId)).toBe(true);
    let now = ERASE_AT - 1;
    let looks = 0;
    const erasure = eraseIn(store, () => {
      looks += 1;
      return now;
    });
    await until(() => looks > 2);
    expect(await isStored(store, conversationId)).toBe(true);
    now = ERASE_AT;
    await until(async () => !(await isStored(store, conversationId)));
    await erasure.stop();
    await store.close();
  });

  test("is erased when the server closes its file before its time", async () => {
    const file = join(temporaryFolder(), "chat.db");
    const sources = createSources({ DATABASE_PATH: file }, () => "");
    const { parts, close } = await openParts(sources, { log: QUIET_LOG, advice: [] });
    const { conversationId } = await storeExchange(parts.store);
    // Also while it serves the last requests, when nothing is erased in the background any more.
    await eraseIn(parts.store, () => NOON).stop();
    await parts.store.hideConversation(conversationId, ERASE_AT);
    await close();
    const store = openSqliteStore(file);
    expect(await isStored(store, conversationId)).toBe(false);
    await store.close();
  });

  test.skipIf(!hasPostgres)(
    "is gone at all replicas at once, any of which restores it, or erases it for another",
    async () => {
      const url = await (await sharedPostgres()).createDatabase();
      const { store: one } = await openPostgresStore(url);
      const { store: other } = await openPostgresStore(url);
      const { conversationId } = await storeExchange(one);
      await one.hideConversation(conversationId, ERASE_AT);
      expect(await other.findConversation(conversationId)).toBeUndefined();
      expect(await other.restoreConversation(conversationId, NOON)).toBe(true);
      expect((await one.findConversation(conversationId))?.id).toBe(conversationId);
      await one.hideConversation(conversationId, ERASE_AT);
      // A replica that stops leaves to the others what can still be restored.
      await eraseIn(one, () => NOON).stop();
      expect(await isStored(other, conversationId)).toBe(true);
      await one.close();
      const erasure = eraseIn(other, () => ERASE_AT);
      await until(async () => !(await isStored(other, conversationId)));
      await erasure.stop();
      await other.close();
    },
  );
});
