import { afterEach, beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test";

import { SQL } from "bun";

import { hasPostgres, sharedPostgres } from "../../../harness/postgres.ts";
import { openPostgresStore } from "../../../src/store/postgres/open.ts";
import type { Store } from "../../../src/store/store.ts";
import { expire, sessionsIn } from "../../support/expiry.ts";
import { begin, newTurn, NOON, outcome, storeExchange } from "../../support/stored-turns.ts";

setDefaultTimeout(30_000);

const OLD = NOON - 1000;

describe.skipIf(!hasPostgres)("erasure on PostgreSQL", () => {
  let store: Store;
  /** A second connection, as another replica has it. */
  let sql: SQL;

  beforeEach(async () => {
    const url = await (await sharedPostgres()).createDatabase();
    ({ store } = await openPostgresStore(url));
    sql = new SQL(url, { max: 2 });
  });

  afterEach(async () => {
    await store.close();
    await sql.close();
  });

  /** Old conversations with so many messages each. */
  async function storeOld(conversations: number, messages: number): Promise<void> {
    await sql`
      INSERT INTO conversations (seq, id, session_id, created_at, updated_at, last_message, message_count)
      SELECT 1000 + n, 'c_' || n, 's_' || n, 0, ${OLD}, '', ${messages}::integer FROM generate_series(1, ${conversations}::integer) AS n`;
    await sql`
      INSERT INTO messages (conversation_seq, turn_id, role, content, status, created_at)
      SELECT 1000 + n, 't_' || n || '_' || m, 'user', 'old', 'complete', 0
      FROM generate_series(1, ${conversations}::integer) AS n, generate_series(1, ${messages}::integer) AS m`;
  }

  async function messagesLeft(): Promise<number> {
    const [found] = await sql`SELECT count(*)::integer AS total FROM messages`;
    return found.total;
  }

  test("deletes a hundred old conversations in a step", async () => {
    await storeOld(250, 2);
    await storeExchange(store, { sessionId: "new" });
    expect(await expire(store)).toEqual([100, 100, 50, 0]);
    expect(await sessionsIn(store)).toEqual(["new"]);
    expect(await messagesLeft()).toBe(2);
  });

  test("deletes fewer conversations in a step where they are long", async () => {
    await storeOld(5, 1500);
    expect(await expire(store)).toEqual([2, 2, 1, 0]);
    expect(await messagesLeft()).toBe(0);
  });

  test("is left to the replica that already deletes old conversations", async () => {
    await storeOld(3, 2);
    await sql.begin(async (other) => {
      await other`SELECT pg_advisory_xact_lock(hashtextextended('chatporch.expire', 0))`;
      expect(await expire(store)).toEqual([0]);
    });
    expect(await expire(store)).toEqual([3, 0]);
  });

  test("leaves out an old conversation whose visitor comes back at this moment", async () => {
    await storeOld(3, 2);
    await sql.begin(async (other) => {
      await other`UPDATE conversations SET updated_at = ${NOON} WHERE id = 'c_2'`;
      expect(await expire(store)).toEqual([2, 0]);
    });
    expect(await expire(store)).toEqual([0]);
    expect(await sessionsIn(store)).toEqual(["s_2"]);
  });

  test("leaves no message behind of a question that comes at this moment from a clock that is slow by years", async () => {
    await storeOld(60, 2);
    const sessions = Array.from({ length: 60 }, (_, i) => `s_${i + 1}`);
    const questions = sessions.map(async (sessionId) => {
      const turn = newTurn({ sessionId, at: 0 });
      await begin(store, turn);
      await store.finishTurn(turn.turnId, outcome({ at: 0 }));
    });
    await Promise.all([...questions, expire(store)]);
    const homeless = await sql`
      SELECT id FROM messages WHERE conversation_seq NOT IN (SELECT seq FROM conversations)`;
    expect([...homeless]).toEqual([]);
  });

  test.each([
    ["by hand", () => store.deleteConversation("c_1")],
    ["by age", () => expire(store)],
  ])(
    "%s is followed by a VACUUM, which takes the deleted rows out of the tables",
    async (_, erase) => {
      await storeOld(1, 500);
      await erase();
      for (let left = 1; left > 0;) {
        const [found] = await sql`
        SELECT count(*)::integer AS left FROM pg_stat_user_tables
        WHERE relname IN ('conversations', 'messages') AND vacuum_count = 0`;
        left = found.left;
      }
      const [pages] = await sql`SELECT pg_relation_size('messages')::integer AS bytes`;
      expect(pages.bytes).toBe(0);
    },
  );

  test("needs no care for the planner's figures, which hold no text", async () => {
    for (let i = 0; i < 20; i += 1) {
      const words = { question: `A zebrafish asks ${i}`, answer: "A zebrafish is told" };
      await storeExchange(store, { sessionId: `s${i}`, ...words });
    }
    await sql`ANALYZE conversations, messages`;
    const figures = await sql`
      SELECT attname FROM pg_stats WHERE schemaname = 'public' AND attname <> 'words'
        AND concat(most_common_vals, histogram_bounds) LIKE '%zebrafish%'`;
    expect([...figures]).toEqual([]);
  });

  test("has the database's clock as a witness", async () => {
    const before = Date.now();
    const there = await store.databaseTime();
    expect(there).toBeWithin(before, Date.now() + 1);
  });
});
