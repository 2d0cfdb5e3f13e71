import { afterAll, beforeAll, describe, expect, test } from "bun:test";

import { SQL } from "bun";

import { hasPostgres, sharedPostgres } from "../../../harness/postgres.ts";
import { openPostgresStore } from "../../../src/store/postgres/open.ts";
import type { Store } from "../../../src/store/store.ts";
import { StoreUnavailableError } from "../../../src/store/unavailable.ts";
import { newTurn, storeExchange } from "../../support/stored-turns.ts";

describe.skipIf(!hasPostgres)("an export from PostgreSQL", () => {
  let store: Store;
  let other: SQL;

  beforeAll(async () => {
    const url = await (await sharedPostgres()).createDatabase();
    ({ store } = await openPostgresStore(url));
    other = new SQL(url, { max: 1 });
    await storeExchange(store, { sessionId: "first" });
  });
  afterAll(async () => {
    await store.close();
    await other.close({ timeout: 0 });
  });

  /** Begins a turn. Resolves once it has drawn its ids; they are committed when `commit` is called. */
  async function beginSlowTurn(): Promise<{ commit(): Promise<void> }> {
    const drawn = Promise.withResolvers<void>();
    const wanted = Promise.withResolvers<void>();
    const committed: Promise<void> = other.begin(async (transaction) => {
      await transaction`INSERT INTO messages (conversation_seq, turn_id, role, content, status, created_at)
        VALUES (1, 'slow', 'user', 'Slow?', 'complete', 0)`;
      await storeExchange(store, { sessionId: crypto.randomUUID(), question: "Quick?" });
      drawn.resolve();
      await wanted.promise;
    });
    await Promise.race([drawn.promise, committed]);
    return {
      commit() {
        wanted.resolve();
        return committed;
      },
    };
  }

  async function exportAll(): Promise<readonly string[]> {
    const found: string[] = [];
    for (let afterId = 0; ;) {
      const page = await store.exportMessages(afterId, 2);
      if (page.length === 0) return found;
      found.push(...page.map(({ content }) => content));
      afterId = page.at(-1)?.id ?? 0;
    }
  }

  test("waits for a message with a lower id that is committed later than one with a higher id", async () => {
    const slow = await beginSlowTurn();
    let isCommitted = false;
    const exported = exportAll().then((found) => ({ found, isCommitted }));
    await Bun.sleep(100);
    isCommitted = true;
    await slow.commit();
    expect(await exported).toEqual({
      found: ["When do you open?", "At nine.", "Slow?", "Quick?", "At nine."],
      isCommitted: true,
    });
  });

  test("does not wait for turns that begin after it has begun", async () => {
    let isOver = false;
    const writers = [1, 2, 3, 4].map(async () => {
      while (!isOver) await storeExchange(store, { sessionId: crypto.randomUUID() });
    });
    expect((await store.exportMessages(0, 100)).length).toBeGreaterThan(4);
    isOver = true;
    await Promise.all(writers);
  });

  test("is refused while a transaction stays open, because it could miss a message", async () => {
    const slow = await beginSlowTurn();
    // Reading one conversation needs no such patience.
    await store.beginTurn(newTurn({ sessionId: "meanwhile" }));
    await expect(store.exportMessages(0, 100)).rejects.toThrow(StoreUnavailableError);
    await slow.commit();
    expect((await store.exportMessages(0, 10_000)).length).toBeGreaterThan(4);
  });
});
