import { expect, test } from "bun:test";

import { filteredMessages } from "../../src/admin/filtered-messages.ts";
import type { ConversationPage } from "../../src/store/conversation-store.ts";
import { openSqliteStore } from "../../src/store/sqlite/open.ts";
import { storeExchange } from "../support/stored-turns.ts";

test("an export is cut off where the search for its next conversations found nothing in time", async () => {
  const store = openSqliteStore(":memory:");
  await storeExchange(store);
  const { conversations } = await store.listConversations({ limit: 1 });
  const first: ConversationPage = {
    conversations,
    total: 2,
    newer: undefined,
    nextCursor: undefined,
    previousCursor: { updatedAt: 1, position: 1, isBackwards: true },
  };
  const searched = { messages: 0, isComplete: false, matches: 0, wordsLeftOut: 0 };
  const late = { ...first, conversations: [], previousCursor: undefined, searched };
  const pages = [first, late];
  const next = filteredMessages(
    {
      listConversations: async () => pages.shift() ?? late,
      messagesAfter: (...args) => store.messagesAfter(...args),
    },
    { limit: 1, search: "open" },
  );
  await expect(next()).rejects.toMatchObject({ code: "overloaded" });
  await store.close();
});
