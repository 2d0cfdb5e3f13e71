import { Database } from "bun:sqlite";
import { afterAll, beforeAll, describe, expect, test } from "bun:test";

import fc from "fast-check";

import { hasPostgres, sharedPostgres } from "../../../harness/postgres.ts";
import { findAtOnce, findNewest } from "../../../src/store/postgres/find-messages.ts";
import { migratePostgres } from "../../../src/store/postgres/migrate.ts";
import { Pool } from "../../../src/store/postgres/pool.ts";
import { searchVector } from "../../../src/store/postgres/search-vector.ts";
import { findMessages as findInPostgres } from "../../../src/store/postgres/search.ts";
import { SEARCH_TIME_MS } from "../../../src/store/search-queue.ts";
import { readSearch, searchText } from "../../../src/store/search-words.ts";
import { migrate } from "../../../src/store/sqlite/migrate.ts";
import { findMessages } from "../../../src/store/sqlite/search.ts";
import { SEARCHES, TEXTS } from "../../support/search-corpus.ts";

/** Every text is a message of a conversation of its own, so that a search shows which messages it finds. */

const LIMIT = 5000;

describe.skipIf(!hasPostgres)("a search on PostgreSQL", () => {
  let pool: Pool;
  let sqlite: Database;

  beforeAll(async () => {
    const url = await (await sharedPostgres()).createDatabase();
    await migratePostgres(url);
    pool = new Pool(url, { connections: 2, deadlineMs: 10_000, budgetMs: 10_000 });
    sqlite = new Database(":memory:", { strict: true });
    migrate(sqlite);
  });

  afterAll(async () => {
    await pool.close();
    sqlite.close();
  });

  async function storeInBoth(texts: readonly string[]): Promise<void> {
    await storeInPostgres(pool, texts);
    storeInSqlite(sqlite, texts);
  }

  /** Returns how many were found. */
  async function expectSame(search: string): Promise<number> {
    const filter = { limit: LIMIT, search };
    const expected = [...findMessages(sqlite, filter)].at(-1);
    const found = await findInPostgres(pool, filter);
    expect({ search, found }).toEqual({ search, found: expected ?? found });
    return found.conversations.size;
  }

  test("finds exactly what a search on SQLite finds, in many scripts", async () => {
    await storeInBoth(TEXTS);
    let found = 0;
    for (const search of SEARCHES) found += await expectSame(search);
    expect(found).toBeGreaterThan(10_000);
  });

  test("finds the same without the index, from the newest message on", async () => {
    for (const search of SEARCHES.slice(0, 60)) {
      const { words } = readSearch(search);
      if (words.length === 0) continue;
      const until = performance.now() + SEARCH_TIME_MS;
      const task = { filter: { limit: LIMIT }, words, until };
      const newest = await findNewest(pool, task);
      const all = await findAtOnce(pool, task);
      expect({ search, newest }).toEqual({ search, newest: all ?? newest });
    }
  });

  test("finds exactly what a search on SQLite finds, in whatever texts", async () => {
    const texts = fc.sample(text, { numRuns: 400, seed: 41 });
    await storeInBoth(texts);
    const part = fc
      .record({ of: fc.constantFrom(...texts), from: fc.nat(40), length: fc.nat(12) })
      .map(({ of, from, length }) => of.slice(from, from + length));
    const isSame = fc.asyncProperty(fc.oneof(part, text), async (search) => {
      await expectSame(search);
    });
    await fc.assert(isSame, { numRuns: 300, seed: 42 });
  });
});

/** Characters that change when they are folded, that join others, or that are newer than SQLite's tables. */
const BLOCKS = [
  [0x00, 0x7f],
  [0xa0, 0x24f],
  [0x300, 0x36f],
  [0x370, 0x52f],
  [0x590, 0x6ff],
  [0x900, 0x97f],
  [0xe00, 0xe7f],
  [0x1100, 0x11ff],
  [0x1e00, 0x1fff],
  [0x2000, 0x214f],
  [0x3040, 0x30ff],
  [0x4e00, 0x4e20],
  [0xac00, 0xac40],
  [0xd800, 0xdfff],
  [0xe000, 0xe010],
  [0xff00, 0xffef],
  [0x1e900, 0x1e95f],
  [0x1f300, 0x1faff],
  [0x0, 0x10ffff],
] as const;

const character = fc
  .constantFrom(...BLOCKS)
  .chain(([from, to]) => fc.integer({ min: from, max: to }))
  .map((point) => String.fromCodePoint(point));
const separator = fc.constantFrom(" ", "'", "\\", ":", "&", "|", "!", "(", ")", "*", "\0", "。");
const text = fc
  .array(fc.oneof({ weight: 6, arbitrary: character }, { weight: 1, arbitrary: separator }), {
    maxLength: 40,
  })
  .map((characters) => characters.join(""));

async function storeInPostgres(pool: Pool, texts: readonly string[]): Promise<void> {
  const words = await Promise.all(texts.map(searchVector));
  await pool.query(`WITH added AS (
      INSERT INTO conversations (id, session_id, created_at, updated_at, last_message, message_count)
      SELECT 'c_' || n, 'visitor-' || n, n, n, '', 1
      FROM generate_series((SELECT count(*) + 1 FROM conversations),
        (SELECT count(*) FROM conversations) + ${texts.length}) AS n
      RETURNING seq
    )
    SELECT count(*) FROM added`);
  await pool.query(
    `INSERT INTO messages (id, conversation_seq, turn_id, role, content, status, created_at, words)
     SELECT before + n, before + n, 't_' || (before + n), 'user', content, 'complete', 0, words::tsvector
     FROM (SELECT count(*) AS before FROM messages) AS counted,
       unnest($1::text[], $2::text[]) WITH ORDINALITY AS new (content, words, n)`,
    [texts, words],
  );
}

function storeInSqlite(db: Database, texts: readonly string[]): void {
  const conversation = db.query(
    `INSERT INTO conversations (id, session_id, created_at, updated_at, last_message, message_count)
     SELECT 'c_' || n, 'visitor-' || n, n, n, '', 1 FROM (SELECT count(*) + 1 AS n FROM conversations)`,
  );
  const message = db.query<{ id: number }, [string]>(
    `INSERT INTO messages (id, conversation_seq, turn_id, role, content, status, created_at)
     SELECT n, n, 't_' || n, 'user', ?, 'complete', 0 FROM (SELECT count(*) + 1 AS n FROM messages)
     RETURNING id`,
  );
  const index = db.query("INSERT INTO messages_fts (rowid, content) VALUES (?, ?)");
  db.transaction(() => {
    for (const content of texts) {
      conversation.run();
      index.run(message.get(content)?.id ?? 0, searchText(content));
    }
  })();
}
