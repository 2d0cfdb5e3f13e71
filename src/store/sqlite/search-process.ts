import { Database } from "bun:sqlite";
import { setPriority } from "node:os";

import type { ConversationFilter } from "../conversation-store.ts";
import { splitLines } from "./lines.ts";
import type { SearchMessage } from "./search-messages.ts";
import { searchConversations } from "./search.ts";

/** A low priority: visitors come first, even on a machine with one processor. */
const PRIORITY = 10;

/**
 * The main loop of the search process (process-searcher.ts). Reads one search per line. For each, writes the
 * result so far, again and again, one line each, until it is complete. Ends with its input.
 */
export async function serveSearches(
  file: string,
  input: AsyncIterable<Uint8Array>,
  write: (text: string) => void,
): Promise<void> {
  setPriority(PRIORITY);
  const db = new Database(file, { readonly: true, strict: true });
  const send = (message: SearchMessage) => write(`${JSON.stringify(message)}\n`);
  send({ kind: "ready" });
  for await (const line of splitLines(input)) {
    try {
      const filter: ConversationFilter = JSON.parse(line);
      for (const page of searchConversations(db, filter)) send({ kind: "answer", page });
      send({ kind: "end" });
    } catch (error) {
      send({ kind: "failed", message: String(error) });
    }
  }
  db.close();
}
