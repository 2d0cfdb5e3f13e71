import { describe } from "bun:test";

import { hasPostgres } from "../../../harness/postgres.ts";
import { openEmptyPostgres } from "../empty-postgres.ts";
import { openSharedMemory, type SharedDatabase } from "./shared-store.ts";

/** The databases that replicas can share, each with a function that opens an empty one. */
const DATABASES: readonly (readonly [name: string, open: () => Promise<SharedDatabase>])[] = [
  ["in memory", async () => openSharedMemory()],
  ...(hasPostgres ? [["on PostgreSQL", openEmptyPostgres] as const] : []),
];

/** Declares the tests once for each database. */
export function forEachDatabase(declare: (open: () => Promise<SharedDatabase>) => void): void {
  describe.each(DATABASES)("replicas of a database %s", (_, open) => declare(open));
}
