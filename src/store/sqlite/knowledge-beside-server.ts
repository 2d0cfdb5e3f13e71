import type { KnowledgeDatabase } from "../knowledge-database.ts";
import { createAnswerTests } from "./answer-tests.ts";
import { Checkpoints } from "./checkpoints.ts";
import { usedBytes } from "./free-pages.ts";
import { GroupCommit } from "./group-commit.ts";
import { createSqliteKnowledge } from "./lazy-knowledge.ts";
import { openBesideServer } from "./open-beside-server.ts";
import { SpendingLedger } from "./spending-ledger.ts";
import { createSpending } from "./spending.ts";

/**
 * Opens what the bot knows in a database file, also while a server uses it.
 * @throws as openBesideServer does
 */
export async function openKnowledgeInFile(path: string): Promise<KnowledgeDatabase> {
  const db = await openBesideServer(path);
  const checkpoints = new Checkpoints(db);
  const writes = new GroupCommit(db, () => checkpoints.committed());
  const ledger = new SpendingLedger({ db, writes, isCommand: true });
  return {
    ...createSqliteKnowledge({ db, writes, checkpoints }),
    ...createAnswerTests({ db, writes }),
    ...createSpending({ db, writes }, ledger),
    usedBytes: async () => usedBytes(db),
    async close() {
      await ledger.close();
      await writes.close();
      checkpoints.close();
      db.close();
    },
  };
}
