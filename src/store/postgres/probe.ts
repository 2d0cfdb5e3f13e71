import { SQL } from "bun";

import { withDeadline } from "../../runtime/deadline.ts";
import type { ServerFacts, ServerFinding, ServerReport } from "../server-report.ts";
import { OTHER_CONNECTIONS } from "./connections.ts";
import { faultOf } from "./fault.ts";
import { judgeServer, type ServerState } from "./judge-server.ts";
import { MIGRATIONS } from "./migrations.ts";
import { swapsStatements } from "./pooler.ts";

/** The client has no deadline of its own: against silence, a query waits for ever. */
const DEADLINE_MS = 5000;
const OLDEST_VERSION = 150_000;

interface ProbeOptions {
  /** DATABASE_CONNECTIONS */
  readonly connections: number;
}

/**
 * Looks whether a PostgreSQL server can be used, with all that would fail only later. Writes nothing. Never
 * throws: what is wrong is in the report.
 */
export async function probePostgres(
  url: string,
  { connections }: ProbeOptions,
): Promise<ServerReport> {
  try {
    return await withDeadline(look(url, connections + OTHER_CONNECTIONS), DEADLINE_MS);
  } catch (error) {
    return { fault: await faultOf(error, url), warnings: [], facts: undefined };
  }
}

async function look(url: string, own: number): Promise<ServerReport> {
  const sql = new SQL(url, { max: 1, connectionTimeout: DEADLINE_MS / 1000 });
  try {
    const facts = await readServer(sql, own);
    const fault =
      facts.fault ??
      ((await swapsStatements(url, DEADLINE_MS / 1000)) ? SWAPPING_POOLER : undefined);
    return { ...facts, fault };
  } finally {
    await sql.close({ timeout: 0 });
  }
}

const SWAPPING_POOLER: ServerFinding = {
  id: "pooler",
  says: "is behind a pooler that runs one client's prepared statements for another (PgBouncer before 1.21 in transaction mode)",
  mend: "Add ?prepare=false to DATABASE_URL, or use PgBouncer 1.21 or newer with max_prepared_statements.",
};

async function readServer(sql: SQL, own: number): Promise<ServerReport> {
  const version = await readVersion(sql);
  if (version.number < OLDEST_VERSION) {
    const fault: ServerFinding = {
      id: "too-old",
      says: `is PostgreSQL ${version.name}, but must be 15 or newer`,
      mend: "Upgrade the server.",
    };
    return { fault, warnings: [], facts: undefined };
  }
  const state = await readState(sql);
  const facts: ServerFacts = {
    version: version.name,
    connections: { most: state.most, free: state.free, own },
    clockAheadMs: Date.now() - state.now,
  };
  return { ...judgeServer(state, facts), facts };
}

async function readVersion(sql: SQL) {
  const [row] = await sql.unsafe(
    "SELECT current_setting('server_version_num') AS number, split_part(current_setting('server_version'), ' ', 1) AS name",
  );
  return { number: Number(row.number), name: String(row.name) };
}

const TABLES = [
  "schema",
  ...MIGRATIONS.flatMap(({ sql }) =>
    Array.from(sql.matchAll(/CREATE TABLE (\w+)/g), ([, name = ""]) => name),
  ),
];

/** Numbers are cast, because Bun returns int8 as text. A limit of -1 means none. */
const STATE_QUERY = `
  SELECT pg_is_in_recovery() AS standby,
    current_setting('transaction_read_only') = 'on' AS read_only,
    current_setting('server_encoding') AS encoding,
    coalesce(has_schema_privilege(current_schema(), 'CREATE'), false) AS may_make_tables,
    EXISTS (
      SELECT FROM pg_tables
      WHERE schemaname = current_schema() AND tablename = ANY (string_to_array('${TABLES.join()}', ','))
    ) AND NOT EXISTS (
      SELECT FROM pg_attribute WHERE attrelid = to_regclass('schema') AND attname = 'usable_from'
    ) AS has_other_tables,
    current_setting('max_connections')::float8
      - current_setting('superuser_reserved_connections')::float8
      - coalesce(current_setting('reserved_connections', true), '0')::float8 AS server_limit,
    (SELECT rolconnlimit::float8 FROM pg_roles WHERE rolname = current_user) AS user_limit,
    (SELECT datconnlimit::float8 FROM pg_database WHERE datname = current_database()) AS database_limit,
    others.*,
    extract(epoch FROM clock_timestamp())::float8 * 1000 AS now
  FROM (
    SELECT count(*)::float8 AS on_server,
      count(*) FILTER (WHERE usename = current_user)::float8 AS of_user,
      count(*) FILTER (WHERE datname = current_database())::float8 AS on_database
    FROM pg_stat_activity
    WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()
  ) AS others`;

async function readState(sql: SQL): Promise<ServerState> {
  const [row] = await sql.unsafe(STATE_QUERY);
  const limits = [
    { most: Number(row.server_limit), used: Number(row.on_server) },
    { most: Number(row.user_limit), used: Number(row.of_user) },
    { most: Number(row.database_limit), used: Number(row.on_database) },
  ].filter(({ most }) => most >= 0);
  return {
    isStandby: row.standby === true,
    isReadOnly: row.read_only === true,
    encoding: String(row.encoding),
    mayMakeTables: row.may_make_tables === true,
    hasOtherTables: row.has_other_tables === true,
    most: Math.min(...limits.map(({ most }) => most)),
    free: Math.min(...limits.map(({ most, used }) => most - used)),
    now: Number(row.now),
  };
}
