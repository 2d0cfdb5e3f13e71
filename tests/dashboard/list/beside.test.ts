import { afterEach, beforeEach, expect, spyOn, test } from "bun:test";

import { readBeside } from "../../../src/dashboard/list/beside.ts";
import { openSqliteStore } from "../../../src/store/sqlite/open.ts";
import type { Store } from "../../../src/store/store.ts";
import { NOON, storeExchange } from "../../support/stored-turns.ts";

let store: Store;

beforeEach(async () => {
  store = openSqliteStore(":memory:");
  for (let i = 0; i < 5; i++) {
    await storeExchange(store, { sessionId: `v${i}`, question: "A parcel", at: NOON + i });
  }
});
afterEach(() => store.close());

/** How often it was searched for the conversation at a place of a page, and how many neighbours it has. */
async function searchesAt(at: number, limit: number) {
  const filter = { search: "parcel", limit };
  const { conversations } = await store.listConversations(filter);
  const listing = spyOn(store, "listConversations");
  const { newer, older } = await readBeside(store, conversations[at]?.id ?? "", filter, "");
  const searches = listing.mock.calls.length;
  listing.mockRestore();
  return { searches, neighbours: [newer, older].filter((each) => each !== undefined).length };
}

test("a search is not repeated for what is on its page, nor where there is nothing beside a hit", async () => {
  expect(await searchesAt(0, 5)).toEqual({ searches: 1, neighbours: 1 });
  expect(await searchesAt(2, 5)).toEqual({ searches: 1, neighbours: 2 });
  expect(await searchesAt(4, 5)).toEqual({ searches: 1, neighbours: 1 });
  expect(await searchesAt(0, 3)).toEqual({ searches: 1, neighbours: 1 });
  expect(await searchesAt(2, 3)).toEqual({ searches: 2, neighbours: 2 });
});
