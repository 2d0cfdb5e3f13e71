import type { SourceSummary } from "../knowledge-store.ts";
import { createKnowledgeSources } from "./knowledge-sources.ts";
import { Pool } from "./pool.ts";

const PATIENCE = { deadlineMs: 3000, budgetMs: 3000, connections: 1 };

/**
 * Reads what the bot knows, without writing.
 * @throws StoreUnavailableError, or SQL.PostgresError where the tables are not there
 */
export async function inspectPostgresKnowledge(url: string): Promise<readonly SourceSummary[]> {
  const pool = new Pool(url, PATIENCE);
  try {
    return await createKnowledgeSources(pool).listSources();
  } finally {
    await pool.close();
  }
}
