import { Database } from "bun:sqlite";
import { afterEach, beforeEach, expect, test } from "bun:test";

import { cleanUp, temporaryFolder } from "../../../harness/process.ts";
import { migrate } from "../../../src/store/sqlite/migrate.ts";
import { MIGRATIONS } from "../../../src/store/sqlite/migrations.ts";
import { openSqliteStore } from "../../../src/store/sqlite/open.ts";
import type { Store } from "../../../src/store/store.ts";
import { newTurn, NOON, outcome } from "../../support/stored-turns.ts";

const DAY_MS = 24 * 60 * 60 * 1000;
const TODAY = Math.floor(NOON / DAY_MS) * DAY_MS;

let store: Store;

beforeEach(() => {
  store = openSqliteStore(":memory:");
});
afterEach(() => store.close());
afterEach(cleanUp);

test("a migrated database of the first schema has the same daily figures as one that counted all along", async () => {
  const times = [0, 99, 100, 104, 105, 994, 995, 9_949, 9_950, 12_345, 99_500, 123_456, 999_999];
  for (const [i, ms] of times.entries()) {
    const usage = { promptTokens: i, completionTokens: 1, totalTokens: i + 1 };
    const turn = newTurn({ sessionId: `visitor-${i % 4}`, at: NOON + (i % 3) * DAY_MS });
    await store.beginTurn(turn);
    const status = i % 5 === 0 ? "interrupted" : "complete";
    await store.finishTurn(turn.turnId, outcome({ firstTokenMs: ms, usage, status }));
  }
  // The same messages in the first schema.
  const old = `${temporaryFolder()}/old.db`;
  const first = new Database(old, { create: true, strict: true });
  migrate(first, MIGRATIONS.slice(0, 1));
  const insertConversation = first.prepare(
    `INSERT INTO conversations (seq, id, session_id, created_at, updated_at, last_message, message_count)
     VALUES (?, ?, ?, ?, ?, '', 0)`,
  );
  const insertMessage = first.prepare(
    `INSERT INTO messages (id, conversation_seq, turn_id, role, content, status, prompt_tokens,
       completion_tokens, total_tokens, first_token_ms, created_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const seqs = new Map<string, number>();
  for (const message of await store.exportMessages(0, 1000)) {
    const { id, sessionId, conversationId, turnId, role, content, status, usage } = message;
    if (!seqs.has(sessionId)) {
      seqs.set(sessionId, seqs.size + 1);
      const at = message.createdAt;
      insertConversation.run(seqs.size, conversationId, sessionId, at, at);
    }
    insertMessage.run(
      id,
      seqs.get(sessionId) ?? 0,
      turnId,
      role,
      content,
      status,
      usage?.promptTokens ?? null,
      usage?.completionTokens ?? null,
      usage?.totalTokens ?? null,
      message.firstTokenMs ?? null,
      message.createdAt,
    );
  }
  first.close();
  const updated = openSqliteStore(old);
  const span = [TODAY, TODAY + 9 * DAY_MS] as const;
  expect(await updated.dailyFigures(...span)).toEqual(await store.dailyFigures(...span));
  expect(await store.dailyFigures(...span)).toHaveLength(3);
  await updated.close();
});
