import { Database } from "bun:sqlite";

import type { Conversation, Message } from "../../src/conversation/records.ts";
import { databaseIn, readAdmin } from "../chat-requests.ts";
import type { RunningServer } from "../process.ts";
import type { Ledger } from "./ledger.ts";

/**
 * Compares what a server has acknowledged with what its admin API returns and its file contains. Call it
 * when no answer is under way.
 * @returns what is wrong, one sentence each
 */
export async function audit(server: RunningServer, ledger: Ledger): Promise<string[]> {
  const stored = await readStored(server.url);
  const count = [...stored.values()].reduce((sum, messages) => sum + messages.length, 0);
  return [...ledger.compare(stored), ...inspectFile(databaseIn(server.folder), count)];
}

/** Every message by session, through the admin API. */
export async function readStored(url: string): Promise<Map<string, readonly Message[]>> {
  const stored = new Map<string, readonly Message[]>();
  let cursor: string | null = null;
  do {
    const query: string = cursor === null ? "" : `&cursor=${encodeURIComponent(cursor)}`;
    const page: Page = await readAdmin(url, `?limit=200${query}`);
    for (const { id, sessionId } of page.conversations) {
      if (stored.has(sessionId)) throw new Error(`${sessionId} has two conversations`);
      const { messages }: { messages: Message[] } = await readAdmin(url, `/${id}`);
      stored.set(sessionId, messages);
    }
    cursor = page.nextCursor;
  } while (cursor !== null);
  return stored;
}

interface Page {
  readonly conversations: readonly Conversation[];
  readonly nextCursor: string | null;
}

/** Checks the file directly, and not through the server. */
function inspectFile(path: string, expectedMessages: number): string[] {
  const db = new Database(path, { readonly: true });
  try {
    const problems = db
      .query<{ integrity_check: string }, []>("PRAGMA integrity_check")
      .all()
      .map((row) => row.integrity_check)
      .filter((line) => line !== "ok");
    if (db.query("PRAGMA foreign_key_check").all().length > 0)
      problems.push("a row without parent");
    const counts = db
      .query<{ messages: number; streaming: number }, []>(
        "SELECT count(*) AS messages, sum(status = 'streaming') AS streaming FROM messages",
      )
      .get();
    if (counts?.messages !== expectedMessages) {
      problems.push(`${counts?.messages} messages in the file, ${expectedMessages} in the API`);
    }
    if ((counts?.streaming ?? 0) > 0) problems.push(`${counts?.streaming} answers in streaming`);
    return problems;
  } finally {
    db.close();
  }
}
