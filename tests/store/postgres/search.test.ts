import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";

import { SQL } from "bun";

import { hasPostgres, sharedPostgres } from "../../../harness/postgres.ts";
import { startStopwatch } from "../../../harness/stopwatch.ts";
import {
  type ConversationFilter,
  TooManySearchesError,
} from "../../../src/store/conversation-store.ts";
import { migratePostgres } from "../../../src/store/postgres/migrate.ts";
import { Pool } from "../../../src/store/postgres/pool.ts";
import { CHOOSE_PLAN } from "../../../src/store/postgres/search-plan.ts";
import { searchQuery } from "../../../src/store/postgres/search-query.ts";
import { fitting, newestMatches } from "../../../src/store/postgres/search-statements.ts";
import { searchVector } from "../../../src/store/postgres/search-vector.ts";
import { createSearch } from "../../../src/store/postgres/search.ts";
import { readSearch } from "../../../src/store/search-words.ts";

describe.skipIf(!hasPostgres)("a search on PostgreSQL", () => {
  let url: string;
  let pool: Pool;
  let find: ReturnType<typeof createSearch>;
  let search: (words: string) => ReturnType<typeof find>;

  beforeAll(async () => {
    url = await (await sharedPostgres()).createDatabase();
    await migratePostgres(url);
    pool = new Pool(url, { connections: 2, deadlineMs: 10_000, budgetMs: 10_000 });
    find = createSearch(pool);
    search = (words) => find({ limit: 10, search: words });
  });

  beforeEach(async () => {
    await pool.query("TRUNCATE conversations, messages");
    await pool.query(`INSERT INTO conversations
      (seq, id, session_id, created_at, updated_at, last_message, message_count)
      VALUES (1, 'c_1', 'visitor', 0, 0, '', 1)`);
  });

  afterAll(() => pool.close());

  async function store(content: string, count = 1): Promise<void> {
    await pool.query(
      `INSERT INTO messages (conversation_seq, turn_id, role, content, status, created_at, words)
       SELECT 1, 't_' || n, 'user', $1, 'complete', 0, $2::tsvector FROM generate_series(1, $3::integer) AS n`,
      [content, await searchVector(content), count],
    );
  }

  test("ends with 5,000 messages that fit, and says how many it has searched", async () => {
    await store("an older parcel");
    await store("a parcel", 5100);
    expect(await search("parcel")).toMatchObject({
      total: 1,
      searched: { messages: 5000, isComplete: false, wordsLeftOut: 0 },
    });
    expect(await search("older")).toMatchObject({
      total: 1,
      searched: { messages: 5101, isComplete: true, wordsLeftOut: 0 },
    });
  });

  test("estimates how many of very many messages it has searched", async () => {
    await store("", 120_000);
    await store("a parcel", 5000);
    await pool.query("ANALYZE messages");
    const { searched } = await search("parcel nothing");
    expect(searched).toEqual({
      messages: 125_000,
      isComplete: true,
      matches: 0,
      wordsLeftOut: 0,
    });
  });

  test("reads a rare search through the index of words, and a frequent one from the newest message on", async () => {
    await store("an order to go", 15_000);
    await store("a parcel", 3);
    await store("nothing", 15_000);
    await pool.query("ANALYZE messages");
    const planOf = (words: string, filter: ConversationFilter = { limit: 10 }) =>
      pool.read(async (run) => {
        const { candidates } = searchQuery(readSearch(words).words);
        await run(CHOOSE_PLAN, [candidates]);
        const fits = fitting(filter);
        const statement = newestMatches(fits);
        const values = [candidates, undefined, Number.MAX_SAFE_INTEGER, 5000, ...fits.values];
        return JSON.stringify(await run(`EXPLAIN ${statement}`, values));
      }, 10_000);
    for (const words of ["parcel", "zanzibar", "parcel order"]) {
      expect(await planOf(words)).toContain("Bitmap Index Scan on messages_words");
    }
    for (const words of ["order", "order to"]) {
      expect(await planOf(words)).toContain("Index Scan Backward using messages_pkey");
    }
    // It stops as soon as enough messages fit.
    expect(await planOf("order", { limit: 10, from: 0, to: 1 })).not.toMatch(/Hash|Sort/);
  });

  test("ends in time while the database lets nobody read, and says that it has searched nothing", async () => {
    await store("a parcel");
    const other = new SQL(url, { max: 1 });
    await other.begin(async (transaction) => {
      await transaction`LOCK TABLE messages IN ACCESS EXCLUSIVE MODE`;
      const stopwatch = startStopwatch();
      expect(await search("parcel")).toMatchObject({
        conversations: [],
        total: 0,
        searched: { messages: 0, isComplete: false, wordsLeftOut: 0 },
      });
      expect(stopwatch()).toBeLessThan(2000);
      const withDay = { limit: 10, search: "parcel", to: Date.now() };
      expect(await find(withDay)).toMatchObject({ searched: { messages: 0, isComplete: false } });
    });
    expect(await search("parcel")).toMatchObject({ total: 1, searched: { isComplete: true } });
    await other.close();
  });

  test("ends in time, and keeps nobody waiting, when a thousand texts must be read for it", async () => {
    // So many equal characters that their places do not fit into the index.
    await store(`${"営".repeat(3999)}無`, 1000);
    let turns = 0;
    const count = setInterval(() => {
      turns += 1;
    }, 1);
    const stopwatch = startStopwatch();
    const { searched } = await search(`${"営".repeat(14)}無無 ${"営".repeat(16)}`);
    clearInterval(count);
    expect(stopwatch()).toBeLessThan(2000);
    expect(turns).toBeGreaterThan(30);
    if (searched?.isComplete !== true) expect(searched?.messages).toBeLessThan(1000);
  });

  test("is refused while four are under way", async () => {
    const searches = Array.from({ length: 5 }, () => search("parcel"));
    await expect(searches[4]).rejects.toThrow(TooManySearchesError);
    for (const each of searches.slice(0, 4)) expect(await each).toMatchObject({ total: 0 });
    expect(await search("parcel")).toMatchObject({ total: 0 });
  });

  test.each([
    ["4,000 marks on a letter", `x${"\u0301\u0316".repeat(2000)} parcel`],
    ["10,000 words", `parcel ${Array.from({ length: 10_000 }, (_, n) => `w${n}`).join(" ")}`],
    ["a word of 100,000 letters", `parcel ${"a".repeat(100_000)}`],
    ["signs of PostgreSQL's query language", "parcel' :* & | ! <-> ( \\ \" $1 ; --"],
    ["NUL and half characters", "par\ud800 \0 parcel\udc00 \0"],
  ])("finds a message with %s, and takes it for a search", async (_, text) => {
    await store(text);
    expect(await search("parcel")).toMatchObject({ total: 1 });
    expect(await search(text)).toMatchObject({ total: 1 });
  });
});
