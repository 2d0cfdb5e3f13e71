import { afterEach, beforeEach, expect, test } from "bun:test";
import { join } from "node:path";

import { cleanUp, temporaryFolder } from "../../../harness/process.ts";
import { HOUR_MS } from "../../../src/runtime/time.ts";
import { openKnowledgeInFile } from "../../../src/store/sqlite/knowledge-beside-server.ts";
import { backupSqlite, openSqliteStore } from "../../../src/store/sqlite/open.ts";
import { amount, DAY, MONTH, reservation, ZERO } from "../../support/reservations.ts";

let file = "";

beforeEach(() => {
  file = join(temporaryFolder(), "chat.db");
});
afterEach(cleanUp);

test("a call that a killed server has set something aside for is settled by the next start, as a whole", async () => {
  const killed = openSqliteStore(file);
  await killed.reserve(reservation());
  await killed.close();
  const store = openSqliteStore(file);
  await store.reserve(reservation());
  expect(await store.settleOrphans(DAY)).toBe(1);
  // What this server is at is left as it is.
  expect(await store.settleOrphans(DAY)).toBe(0);
  expect(await store.spentIn([MONTH])).toMatchObject([{ cost: 100, held: { cost: 100 } }]);
  await store.close();
});

test("a command counts in the server's ledger, and neither settles what the other is at", async () => {
  const store = openSqliteStore(file);
  const command = await openKnowledgeInFile(file);
  await store.reserve(reservation());
  const call = reservation({ at: Date.now() });
  await command.reserve(call);
  expect(await command.settleOrphans(DAY)).toBe(0);
  expect(await store.settleOrphans(DAY)).toBe(0);
  expect(await command.reserve(reservation({ perDay: 250 }))).toMatchObject({ by: "day" });
  const end = { day: DAY, month: MONTH, amount: amount(1, 2, 3) };
  await command.settle(call.id, { ...end, isReserved: true });
  await command.settle("without a budget", { ...end, isReserved: false });
  expect(await store.spentIn([DAY])).toEqual([
    { period: DAY, ...amount(2, 4, 6), held: amount(60, 40, 100) },
  ]);
  await command.close();
  await store.close();
});

test("what a killed command has set aside is settled by the server, once no call can be under way any more", async () => {
  const store = openSqliteStore(file);
  const command = await openKnowledgeInFile(file);
  await command.reserve(reservation({ at: Date.now() - HOUR_MS - 1 }));
  await command.reserve(reservation({ at: Date.now() }));
  await command.close();
  expect(await store.settleOrphans(DAY)).toBe(1);
  expect(await store.spentIn([DAY])).toMatchObject([{ cost: 100, held: { cost: 100 } }]);
  await store.close();
});

test("a backup has the ledger", async () => {
  const store = openSqliteStore(file);
  await store.settle("x", { day: DAY, month: MONTH, amount: amount(1, 2, 3), isReserved: false });
  const copy = join(temporaryFolder(), "copy.db");
  backupSqlite(file, copy);
  const restored = openSqliteStore(copy);
  expect(await restored.spentIn([DAY])).toEqual([{ period: DAY, ...amount(1, 2, 3), held: ZERO }]);
  await Promise.all([store.close(), restored.close()]);
});
