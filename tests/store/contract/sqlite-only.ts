import { afterEach, beforeEach, describe } from "bun:test";

import { openSqliteStore } from "../../../src/store/sqlite/open.ts";
export type TestedStore = ReturnType<typeof openSqliteStore>;
export function forEachStore(use: (store: TestedStore) => void, declare: () => void): void {
  describe("the store on SQLite", () => {
    let store: TestedStore;
    beforeEach(() => {
      store = openSqliteStore(":memory:");
      use(store);
    });
    afterEach(() => store.close());
    declare();
  });
}
