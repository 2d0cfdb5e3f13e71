import { afterEach, beforeAll, describe, expect, test } from "bun:test";

import { hasPostgres, sharedPostgres } from "../../../harness/postgres.ts";
import { Pool, type PoolOptions } from "../../../src/store/postgres/pool.ts";
import { StoreUnavailableError } from "../../../src/store/unavailable.ts";

describe.skipIf(!hasPostgres)("connections to PostgreSQL", () => {
  let url: string;
  let opened: Pool | undefined;

  beforeAll(async () => {
    url = await (await sharedPostgres()).createDatabase();
  });
  afterEach(() => opened?.close());

  function open(options: PoolOptions): Pool {
    opened = new Pool(url, options);
    return opened;
  }

  test("answer quick statements while a slow one has one of them", async () => {
    const pool = open({ connections: 2, deadlineMs: 5000, budgetMs: 5000 });
    let isSlowOver = false;
    const slow = pool.query("SELECT pg_sleep(1)").then(() => {
      isSlowOver = true;
    });
    for (let n = 0; n < 20; n++) await pool.query("SELECT 1");
    expect(isSlowOver).toBe(false);
    await slow;
  });

  test("are not taken for dead when more statements come than they can answer at once", async () => {
    const pool = open({ connections: 2, deadlineMs: 1000, budgetMs: 10_000 });
    const statements = Array.from({ length: 24 }, () =>
      pool.query<{ pid: number }>("SELECT pg_backend_pid() AS pid, pg_sleep(0.1)"),
    );
    const pids = (await Promise.all(statements)).map(([row]) => row?.pid);
    expect(new Set(pids).size).toBe(2);
  });

  test("refuse a statement that had no turn in time, and go on with the others", async () => {
    const pool = open({ connections: 1, deadlineMs: 5000, budgetMs: 5000 });
    const slow = pool.query("SELECT pg_sleep(0.5)");
    const impatient = pool.query("SELECT 1", [], { deadlineMs: 100, budgetMs: 100 });
    const next = pool.query<{ n: number }>("SELECT 2 AS n");
    await expect(impatient).rejects.toThrow(StoreUnavailableError);
    await slow;
    expect([...(await next)]).toEqual([{ n: 2 }]);
  });
});
