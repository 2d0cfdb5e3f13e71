import type { TransactionSQL } from "bun";

import { DeadlineError } from "../../runtime/deadline.ts";
import { ImportError } from "./import-error.ts";
import { inspectPostgres } from "./inspect.ts";

/**
 * Refuses a database that servers use. Those that have died count as none.
 * @throws ImportError
 */
export async function refuseRunningServers(url: string): Promise<void> {
  const running = await countRunningServers(url);
  if (running === 0) return;
  throw new ImportError(
    `Servers use the database already (${running}). Stop them, and start them again when everything is moved.`,
  );
}

async function countRunningServers(url: string): Promise<number> {
  try {
    const { replicas } = await inspectPostgres(url);
    return replicas.filter(({ isBeating }) => isBeating).length;
  } catch (cause) {
    if (!(cause instanceof DeadlineError)) throw cause;
    throw new ImportError(
      "PostgreSQL did not answer in time. Perhaps another chatporch migrate is at work there.",
      { cause },
    );
  }
}

/** What is refused where there is some of it, with the tables to be emptied. */
const KEPT = [
  { name: "conversations", table: "conversations", tables: "conversations, messages" },
  {
    name: "documents that the bot knows",
    table: "knowledge_documents",
    tables: "knowledge_sources, knowledge_documents, knowledge_sections",
  },
] as const;

/**
 * Refuses a database that is not empty.
 * @throws ImportError
 */
export async function refuseContents(tx: TransactionSQL): Promise<void> {
  for (const { name, table, tables } of KEPT) {
    const [found]: { total: number }[] = await tx.unsafe(
      `SELECT count(*)::float8 AS total FROM ${table}`,
    );
    if (!found?.total) continue;
    throw new ImportError(
      `The database holds ${name} already (${found.total}), and only an empty one is filled. ` +
        `Take a new one (createdb), or erase what this one holds: psql -c 'TRUNCATE ${tables}'.`,
    );
  }
}
