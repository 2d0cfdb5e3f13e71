import type { StoredSettings } from "../settings-store.ts";
import { Pool } from "./pool.ts";
import { createSettings } from "./settings.ts";

const PATIENCE = { deadlineMs: 3000, budgetMs: 3000, connections: 1 };

/**
 * Reads what the owner has set, without writing.
 * @throws StoreUnavailableError, or SQL.PostgresError where the tables are not there
 */
export async function inspectPostgresSettings(url: string): Promise<StoredSettings> {
  const pool = new Pool(url, PATIENCE);
  try {
    return await createSettings(pool).readSettings();
  } finally {
    await pool.close();
  }
}
