import { afterEach, beforeEach, describe } from "bun:test";

import { SQL } from "bun";

import { hasPostgres, sharedPostgres } from "../../../harness/postgres.ts";
import { openPostgresStore } from "../../../src/store/postgres/open.ts";
import { openSqliteStore } from "../../../src/store/sqlite/open.ts";
import type { Store } from "../../../src/store/store.ts";

/** All stores, each with a function that opens an empty one. */
const STORES: readonly (readonly [name: string, open: () => Promise<Store>])[] = [
  ["the store on SQLite", async () => openSqliteStore(":memory:")],
  ...(hasPostgres ? [["the store on PostgreSQL", openEmptyPostgres] as const] : []),
];

let database: Promise<string> | undefined;

/** One database for all tests, because to empty its tables takes a tenth of the time of making a new one. */
async function openEmptyPostgres(): Promise<Store> {
  database ??= sharedPostgres().then((server) => server.createDatabase());
  const url = await database;
  const { store } = await openPostgresStore(url);
  const sql = new SQL(url, { max: 1 });
  await sql`TRUNCATE conversations, messages, daily, daily_first_token, owner_sessions, secrets, replicas`;
  await sql.close();
  return store;
}

/**
 * Declares the tests of the seam's contract once for every store.
 * @param use gets an empty store before each test
 */
export function forEachStore(use: (store: Store) => void, declare: () => void): void {
  describe.each(STORES)("%s", (_, open) => {
    let store: Store;
    beforeEach(async () => {
      store = await open();
      use(store);
    });
    afterEach(() => store.close());
    declare();
  });
}
