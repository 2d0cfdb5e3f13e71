import { afterEach, beforeEach, describe, expect, test } from "bun:test";

import { SQL } from "bun";

import { hasPostgres, type PostgresServer, startPostgres } from "../../../harness/postgres.ts";
import { startStopwatch } from "../../../harness/stopwatch.ts";
import { openPostgresStore } from "../../../src/store/postgres/open.ts";
import type { Store } from "../../../src/store/store.ts";
import { StoreUnavailableError } from "../../../src/store/unavailable.ts";
import { begin, newTurn, outcome } from "../../support/stored-turns.ts";

/** Three of them are kept for the superuser. */
const MAX_CONNECTIONS = 9;

describe.skipIf(!hasPostgres)("the store on PostgreSQL", () => {
  let server: PostgresServer;
  let url: string;
  let store: Store;

  beforeEach(async () => {
    server = await startPostgres({ max_connections: MAX_CONNECTIONS });
    url = await server.createDatabase();
    ({ store } = await openPostgresStore(url, { connections: 3 }));
  });
  afterEach(async () => {
    await store.close();
    await server.stop();
  });

  async function asSuperuser(statement: string): Promise<void> {
    // From another database, so that it is not hit itself.
    const admin = new SQL(server.asSuperuser(url).replace(/test_1$/, "postgres"), { max: 1 });
    await admin.unsafe(statement);
    await admin.close();
  }

  test("refuses work of a silent server within 3.5 s, and takes it as soon as the server answers", async () => {
    await begin(store, newTurn({ sessionId: "before" }));
    server.freeze();
    const stopwatch = startStopwatch();
    const turn = newTurn();
    const refused = [
      store.beginTurn(turn),
      store.findTurn(turn.turnId),
      store.exportMessages(0, 1),
    ];
    const pinged = store.ping().catch(stopwatch);
    for (const result of await Promise.allSettled(refused)) {
      expect(result).toMatchObject({ reason: expect.any(StoreUnavailableError) });
    }
    expect(stopwatch()).toBeLessThan(3500);
    expect(await pinged).toBeLessThan(1500);
    const waiting = store.beginTurn(newTurn({ sessionId: "after" }));
    server.thaw();
    expect(await waiting).toMatchObject({ kind: "begun" });
  });

  test.each(["fast", "immediate"] as const)(
    "loses nothing and refuses nothing during a restart (%s) under load",
    async (mode) => {
      let isOver = false;
      const ended: string[] = [];
      const write = async () => {
        while (!isOver) {
          const turn = newTurn({ sessionId: crypto.randomUUID() });
          await begin(store, turn);
          expect(await store.finishTurn(turn.turnId, outcome())).toBe(true);
          ended.push(turn.turnId);
        }
      };
      const writers = Promise.all([1, 2, 3, 4, 5, 6, 7, 8].map(write));
      while (ended.length < 100) await Bun.sleep(5);
      await server.restart(mode);
      const atRestart = ended.length;
      while (ended.length < atRestart + 100) await Bun.sleep(5);
      isOver = true;
      await writers;
      const stored = await store.exportMessages(0, 100_000);
      expect(stored).toHaveLength(2 * ended.length);
      const complete = stored.filter(({ role }) => role === "assistant");
      expect(complete.map(({ turnId }) => turnId).toSorted()).toEqual(ended.toSorted());
      expect(complete.every(({ status }) => status === "complete")).toBe(true);
    },
  );

  test("waits for a connection when the server has none left", async () => {
    const others = Array.from({ length: 6 }, () => new SQL(url, { max: 1 }));
    // The server may still have connections of the start, which have been closed.
    const take = async (each: SQL) => {
      for (;;) {
        const taken = await each.reserve().catch(() => undefined);
        if (taken) return taken;
        await Bun.sleep(20);
      }
    };
    const taken = await Promise.all(others.map(take));
    const beginning = store.beginTurn(newTurn());
    const first = await Promise.race([beginning, Bun.sleep(300).then(() => "waiting")]);
    expect(first).toBe("waiting");
    for (const each of taken) each.release();
    await Promise.all(others.map((each) => each.close({ timeout: 0 })));
    expect(await beginning).toMatchObject({ kind: "begun" });
  });

  test("goes to the new primary after a failover has left its connections on a standby", async () => {
    await store.ping();
    // To the connections, a standby is a server on which every transaction is read-only.
    await asSuperuser(`ALTER DATABASE test_1 SET default_transaction_read_only = on;
      SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'chatporch'`);
    const isRefused = async () => {
      const log = await Bun.file(`${server.socketFolder}/log`).text();
      return log.includes("read-only transaction");
    };
    const beginning = store.beginTurn(newTurn());
    while (!(await isRefused())) await Bun.sleep(5);
    await asSuperuser("ALTER DATABASE test_1 RESET default_transaction_read_only");
    expect(await beginning).toMatchObject({ kind: "begun" });
  });
});
