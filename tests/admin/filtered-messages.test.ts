import { afterEach, beforeEach, describe, expect, test } from "bun:test";

import { filteredMessages } from "../../src/admin/filtered-messages.ts";
import type { KeyPage, Searched } from "../../src/store/conversation-store.ts";
import { openSqliteStore } from "../../src/store/sqlite/open.ts";
import type { Store } from "../../src/store/store.ts";
import { storeExchange } from "../support/stored-turns.ts";

const FOLLOWING = { updatedAt: 1, position: 1, isBackwards: true };

let store: Store;
let first: KeyPage;

beforeEach(async () => {
  store = openSqliteStore(":memory:");
  await storeExchange(store);
  first = { ...(await store.listKeys({ limit: 1 })), followingCursor: FOLLOWING };
});

afterEach(() => store.close());

/** Reads the pages of an export whose searches find these. */
function readAll(...pages: KeyPage[]) {
  const found: Pick<Store, "listKeys" | "messagesAfter"> = {
    listKeys: async () => pages.shift() ?? { conversations: [], followingCursor: undefined },
    messagesAfter: (...args) => store.messagesAfter(...args),
  };
  return filteredMessages(found, { limit: 1, search: "open" })();
}

function searched(part: Partial<Searched>): Searched {
  return { messages: 9, isComplete: false, matches: 1, wordsLeftOut: 0, ...part };
}

describe("an export with a search", () => {
  test("is cut off where the search for its next conversations found nothing in time", async () => {
    const late = { conversations: [], followingCursor: undefined, searched: searched({}) };
    await expect(readAll(first, late)).rejects.toMatchObject({ code: "overloaded" });
  });

  test("is refused where the search found only a part in time", async () => {
    const part = { ...first, searched: searched({}) };
    await expect(readAll(part)).rejects.toMatchObject({ code: "overloaded" });
  });

  test("has what was found where that is as much as a search finds", async () => {
    const full = { ...first, searched: searched({ matches: 5000 }) };
    expect(await readAll(full)).toHaveLength(2);
  });
});
