import { SQL } from "bun";

import { withDeadline } from "../../runtime/deadline.ts";
import type { Replica } from "../cluster-store.ts";
import type { DatabaseServerState, SchemaState, SeenReplica } from "../database-server-state.ts";
import { MIGRATIONS } from "./migrations.ts";

/** Longer than the second between two beats of a replica, also when one is late. */
const OBSERVED_MS = 2500;
const DEADLINE_MS = 15_000;

/** Looks at a PostgreSQL database without writing to it. Safe while servers use it. Takes some seconds. */
export async function inspectPostgres(url: string): Promise<DatabaseServerState> {
  const sql = new SQL(url, { max: 1, connectionTimeout: DEADLINE_MS / 1000 });
  try {
    return await withDeadline(inspect(sql), DEADLINE_MS);
  } finally {
    await sql.close({ timeout: 0 });
  }
}

async function inspect(sql: SQL): Promise<DatabaseServerState> {
  const [row]: { bytes: number }[] =
    await sql`SELECT pg_database_size(current_database())::float8 AS bytes`;
  const sizeBytes = row?.bytes ?? 0;
  const schema = await readSchema(sql);
  return { sizeBytes, schema, replicas: schema ? await observeReplicas(sql) : [] };
}

async function readSchema(sql: SQL): Promise<SchemaState | undefined> {
  const [table]: { isThere: boolean }[] =
    await sql`SELECT to_regclass('schema') IS NOT NULL AS "isThere"`;
  if (!table?.isThere) return undefined;
  const [row]: { version: number; usableFrom: number }[] =
    await sql`SELECT version, usable_from AS "usableFrom" FROM schema`;
  if (row === undefined) return undefined;
  const known = MIGRATIONS.length;
  return { version: row.version, known, isUsable: row.usableFrom <= known };
}

async function observeReplicas(sql: SQL): Promise<readonly SeenReplica[]> {
  const before = await readReplicas(sql);
  if (before.length === 0) return [];
  await Bun.sleep(OBSERVED_MS);
  const beats = new Map(before.map(({ id, beat }) => [id, beat]));
  const after = await readReplicas(sql);
  return after.map((replica) => ({
    ...replica,
    isBeating: replica.beat !== beats.get(replica.id),
  }));
}

async function readReplicas(sql: SQL): Promise<readonly Replica[]> {
  return sql`
    SELECT id, host, version, started_at::float8 AS "startedAt", beat::float8 AS beat
    FROM replicas ORDER BY started_at, id`;
}
