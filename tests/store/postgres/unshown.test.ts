import { expect, test } from "bun:test";

import { SQL } from "bun";

import { hasPostgres, sharedPostgres } from "../../../harness/postgres.ts";
import { openPostgresStore } from "../../../src/store/postgres/open.ts";
import { mintedId, newTurn, NOON, storeExchange } from "../../support/stored-turns.ts";

test.skipIf(!hasPostgres)(
  "empty answers to questions that are left to a person are not counted, also those of the version before and of a replica of it",
  async () => {
    const url = await (await sharedPostgres()).createDatabase();
    const { store } = await openPostgresStore(url);
    const sessionId = mintedId("left");
    const { conversationId } = await storeExchange(store, { sessionId });
    const count = async () => (await store.findConversation(conversationId))?.messageCount;
    await store.takeOver(conversationId, { name: "Anna", at: NOON });
    expect(await store.beginTurn(newTurn({ sessionId }))).toMatchObject({ kind: "person" });
    expect(await count()).toBe(3);

    const sql = new SQL(url, { max: 1 });
    // The statement of the version before.
    const begun =
      await sql`SELECT kind FROM begin_turn('t_old', ${sessionId}, 'c_2', 'old', 'Hi?', '', 'Hi?', NULL, 'm',
        ${NOON}::bigint, 2000, 30, 15, 10000::bigint, false, 20000)`;
    expect([...begun]).toEqual([{ kind: "earlier" }]);
    expect(await count()).toBe(4);
    await store.close();

    // As it was before the step of the schema.
    await sql.unsafe(`DROP TRIGGER unshown_counted ON messages; DROP FUNCTION count_unshown;
      ALTER TABLE conversations DROP COLUMN unshown_count; UPDATE schema SET version = version - 1`);
    await sql.close();
    const { store: again } = await openPostgresStore(url);
    expect((await again.findConversation(conversationId))?.messageCount).toBe(4);
    await again.close();
  },
);
