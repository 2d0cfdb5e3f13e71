import { afterEach, beforeEach, describe } from "bun:test";

import { hasPostgres } from "../../../harness/postgres.ts";
import { openSqliteStore } from "../../../src/store/sqlite/open.ts";
import type { Store } from "../../../src/store/store.ts";
import { openEmptyPostgres } from "../../support/empty-postgres.ts";

/** All stores, each with a function that opens an empty one. */
const STORES: readonly (readonly [name: string, open: () => Promise<Store>])[] = [
  ["the store on SQLite", async () => openSqliteStore(":memory:")],
  ...(hasPostgres
    ? [["the store on PostgreSQL", async () => (await openEmptyPostgres()).store] as const]
    : []),
];

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
