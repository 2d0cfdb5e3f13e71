import { describe, expect, test } from "bun:test";

import { SQL } from "bun";

import { hasPostgres, sharedPostgres } from "../../../harness/postgres.ts";
import { createHealth } from "../../../src/store/postgres/health.ts";
import { openPostgresStore } from "../../../src/store/postgres/open.ts";
import { Pool } from "../../../src/store/postgres/pool.ts";
import { begin, newTurn, outcome } from "../../support/stored-turns.ts";

/** What comes every second may not wait, nor take longer the longer a replica has run. */
describe.skipIf(!hasPostgres)("the beats of a replica on PostgreSQL", () => {
  test("do not wait behind a thousand checks of readiness, which share a query", async () => {
    const url = await (await sharedPostgres()).createDatabase();
    const pool = new Pool(url, { deadlineMs: 1500, budgetMs: 1500, connections: 1 });
    let queries = 0;
    const counted: Pick<Pool, "query"> = {
      query(...given) {
        queries += 1;
        return pool.query(...given);
      },
    };
    const health = createHealth({ replicas: counted, slow: pool });
    await Promise.all(Array.from({ length: 1000 }, () => health.ping()));
    expect(queries).toBe(1);
    await health.ping();
    expect(queries).toBe(2);
    await pool.close();
  });

  test("read no more of the answers when nobody has counted these for the planner yet", async () => {
    const url = await (await sharedPostgres()).createDatabase();
    const { store, cluster } = await openPostgresStore(url);
    await cluster.enter({ id: "a.1", host: "a", version: "1.0.0", startedAt: 0 });
    const sql = new SQL(url, { max: 1 });
    await sql`ALTER TABLE messages SET (autovacuum_enabled = off)`;
    await sql`INSERT INTO messages (conversation_seq, turn_id, role, content, status, created_at)
      SELECT n, 't_' || n, 'assistant', '', 'complete', 0 FROM generate_series(1, 20000) AS n`;
    for (let beats = 0; beats < 10; beats += 1) {
      await cluster.beat("a.1", { announced: 0, reading: [] });
    }
    // PostgreSQL adds up what a connection has read at its end.
    await store.close();
    const others = () => sql`
      SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`;
    while ((await others()).length > 0) await Bun.sleep(5);
    const [read] = await sql`
      SELECT (seq_tup_read + idx_tup_fetch)::integer AS rows FROM pg_stat_user_tables
      WHERE relname = 'messages'`;
    expect(read.rows).toBe(0);
    await sql.close();
  });

  test("do not look at answers that were stopped long ago", async () => {
    const url = await (await sharedPostgres()).createDatabase();
    const { store, cluster } = await openPostgresStore(url);
    const turn = newTurn({ owner: "a.1" });
    await begin(store, turn);
    await cluster.requestStop(turn.turnId);
    await store.finishTurn(turn.turnId, outcome({ status: "stopped", finishReason: "stopped" }));
    const sql = new SQL(url, { max: 1 });
    expect([...(await sql`SELECT turn_id FROM messages WHERE stop_requested`)]).toEqual([]);
    await Promise.all([sql.close(), store.close()]);
  });
});
