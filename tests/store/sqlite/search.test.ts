import { Database } from "bun:sqlite";
import { afterAll, beforeAll, describe, expect, test } from "bun:test";

import { searchText } from "../../../src/store/search-words.ts";
import { migrate } from "../../../src/store/sqlite/migrate.ts";
import { searchConversations } from "../../../src/store/sqlite/search.ts";

/** Messages that were made to be slow to look through: each character of a long run is a word. */
const CRAFTED = 1000;
const RUN = `${"営".repeat(3999)}無`;

const db = new Database(":memory:", { strict: true });

beforeAll(() => {
  migrate(db);
  db.run("INSERT INTO conversations VALUES (1, 'c_1', 'visitor', 0, 0, '', 0)");
  const message = db.query(
    `INSERT INTO messages (id, conversation_seq, turn_id, role, content, status, created_at)
     VALUES (?, 1, ?, 'user', ?, 'complete', 0)`,
  );
  const index = db.query("INSERT INTO messages_fts (rowid, content) VALUES (?, ?)");
  const crafted = searchText(RUN);
  db.transaction(() => {
    for (let id = 1; id <= CRAFTED; id++) {
      message.run(id, `t_${id}`, RUN);
      index.run(id, crafted);
    }
  })();
});
afterAll(() => db.close());

test.each([
  ["200 equal characters", "営".repeat(200), 1],
  ["200 characters, the last of which nobody wrote", `${"営".repeat(199)}無`, 1],
  // FTS5 took 14 s to learn of it that 16 messages do not have it.
  ["an end that nobody wrote, and a run", `${"営".repeat(14)}無無 ${"営".repeat(16)}`, 0],
  ["18 runs", Array.from({ length: 18 }, (_, n) => "営".repeat(n + 1)).join(" "), 11],
])(
  "a search for %s says after each small part how much it has looked at",
  (_, search, wordsLeftOut) => {
    let longest = 0;
    let looked = 0;
    // Of the processor, not of the clock: what else the machine does is not the search's.
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
    expect(last?.searched).toEqual({ messages: CRAFTED, isComplete: true, wordsLeftOut });
    // The whole took 6 seconds, and nothing could end it.
    expect(longest).toBeLessThan(1000);
  },
);

describe("among very many messages", () => {
  const many = new Database(":memory:", { strict: true });
  afterAll(() => many.close());

  beforeAll(() => {
    migrate(many);
    many.run("INSERT INTO conversations VALUES (1, 'c_1', 'visitor', 0, 0, '', 0)");
    const content = "환불은 한국에서 가능해요? return";
    // The number of the newest message tells how many there are.
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
  ])("%s is looked for as the beginning of a word: %p", (search, isFound) => {
    const [page] = [...searchConversations(many, { limit: 10, search })].slice(-1);
    expect(page?.total).toBe(isFound ? 1 : 0);
  });
});
