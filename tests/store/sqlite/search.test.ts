import { Database } from "bun:sqlite";
import { afterAll, beforeAll, describe, expect, test } from "bun:test";

import { searchText } from "../../../src/store/search-words.ts";
import { migrate } from "../../../src/store/sqlite/migrate.ts";
import { searchConversations } from "../../../src/store/sqlite/search.ts";
import { storeCraftedMessages } from "../../support/crafted-messages.ts";

/** How many messages that are slow to search through. */
const CRAFTED = 1000;

const db = new Database(":memory:", { strict: true });

beforeAll(() => {
  migrate(db);
  storeCraftedMessages(db, CRAFTED);
});
afterAll(() => db.close());

test.each([
  ["200 equal characters", "営".repeat(200), 1],
  ["200 characters, the last of which is in no message", `${"営".repeat(199)}無`, 1],
  // FTS5 needed 14 s to find that 16 messages do not contain this.
  [
    "a run with an end that is in no message, and another run",
    `${"営".repeat(14)}無無 ${"営".repeat(16)}`,
    0,
  ],
  ["18 runs", Array.from({ length: 18 }, (_, n) => "営".repeat(n + 1)).join(" "), 11],
])(
  "a search for %s reports after each small part how many messages it has searched",
  (_, search, wordsLeftOut) => {
    let longest = 0;
    let looked = 0;
    // CPU time, not clock time: other work of the machine does not count.
    let at = process.cpuUsage();
    let last;
    for (const page of searchConversations(db, { limit: 10, search })) {
      const { user, system } = process.cpuUsage(at);
      longest = Math.max(longest, (user + system) / 1000);
      expect(page.searched?.messages).toBeGreaterThanOrEqual(looked);
      looked = page.searched?.messages ?? 0;
      last = page;
      at = process.cpuUsage();
    }
    expect(looked).toBe(CRAFTED);
    expect(last?.searched).toMatchObject({ messages: CRAFTED, isComplete: true, wordsLeftOut });
    // In one part, the search took 6 s and could not be ended.
    expect(longest).toBeLessThan(1000);
  },
);

describe("a search among very many messages", () => {
  const many = new Database(":memory:", { strict: true });
  afterAll(() => many.close());

  beforeAll(() => {
    migrate(many);
    many.run(`INSERT INTO conversations (seq, id, session_id, created_at, updated_at, last_message, message_count)
     VALUES (1, 'c_1', 'visitor', 0, 0, '', 0)`);
    const content = "환불은 한국에서 가능해요? return";
    // The search takes the newest message's number as the number of messages.
    many
      .query(
        `INSERT INTO messages (id, conversation_seq, turn_id, role, content, status, created_at)
         VALUES (300000, 1, 't_1', 'user', ?, 'complete', 0)`,
      )
      .run(content);
    many
      .query("INSERT INTO messages_fts (rowid, content) VALUES (300000, ?)")
      .run(searchText(content));
  });

  test.each([
    ["환불", true],
    ["한", true],
    ["가", false],
    ["ret", true],
    ["re", false],
  ])("for %s finds longer words that begin with it: %p", (search, isFound) => {
    const [page] = [...searchConversations(many, { limit: 10, search })].slice(-1);
    expect(page?.total).toBe(isFound ? 1 : 0);
  });
});
