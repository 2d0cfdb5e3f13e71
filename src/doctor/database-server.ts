import { databaseFills } from "../config/advice.ts";
import { postgresPlace } from "../config/database.ts";
import type { DatabaseServerState, SchemaState } from "../store/database-server-state.ts";
import type { ServerConnections, ServerFinding, ServerReport } from "../store/server-report.ts";
import { advised, type Finding } from "./report.ts";

const SUBJECT = "database";

interface DatabaseServerCheck {
  /** DATABASE_URL */
  readonly url: string;
  /** MAX_DATABASE_MB in bytes. */
  readonly maxBytes: number;
  readonly report: ServerReport;
  /** Undefined: the report says why nobody could look. */
  readonly state: DatabaseServerState | undefined;
}

/** Judges a PostgreSQL database: whether it can be used, by how many replicas, and how full it is. */
export function judgeDatabaseServer(check: DatabaseServerCheck): Finding[] {
  const { url, maxBytes, report, state } = check;
  const place = postgresPlace(url);
  if (report.fault !== undefined) return [asFinding(report.fault, "wrong", place)];
  const sizeBytes = state?.sizeBytes ?? 0;
  const replicaCount = state?.replicas.length ?? 0;
  const findings = report.warnings
    // The connections of replicas that run are theirs already.
    .filter(({ id }) => id !== "few-connections" || replicaCount === 0)
    .map((finding) => asFinding(finding, "warning", place));
  const few = report.facts && judgeConnections(report.facts.connections, replicaCount);
  if (few !== undefined) findings.push(few);
  const newer = state?.schema && judgeSchema(state.schema);
  if (newer !== undefined) findings.push(newer);
  const databaseShare = sizeBytes / maxBytes;
  const fills = databaseFills({ config: { database: { url } }, databaseShare });
  if (fills !== undefined) {
    findings.push(advised(fills, SUBJECT, databaseShare >= 1 ? "wrong" : "warning"));
  }
  if (findings.some(({ mark }) => mark === "wrong")) return findings;
  const size = `${(sizeBytes / 1e6).toFixed(1)} MB`;
  const says = `PostgreSQL ${report.facts?.version ?? ""} at ${place}, ${schemaText(state?.schema)}, ${size}`;
  return [{ mark: "ok", subject: SUBJECT, says }, ...findings];
}

function asFinding({ says, mend }: ServerFinding, mark: Finding["mark"], place: string): Finding {
  return { mark, subject: SUBJECT, says: `the one at ${place} ${says}`, mend };
}

function judgeSchema({ version, known, isUsable }: SchemaState): Finding | undefined {
  if (isUsable) return undefined;
  return {
    mark: "wrong",
    subject: SUBJECT,
    says: `schema ${version} is newer than this version, which supports up to ${known}`,
    mend: "Start the newer chatporch.",
  };
}

function schemaText(schema: SchemaState | undefined): string {
  if (schema === undefined) return "without tables; the first start makes them";
  const { version, known } = schema;
  return `schema ${version}${version < known ? `; the next start upgrades it to ${known}` : ""}`;
}

/** Whether all replicas together find enough connections when each of them is busy. */
function judgeConnections(
  { most, own }: ServerConnections,
  replicaCount: number,
): Finding | undefined {
  const needed = own * replicaCount;
  if (needed <= most) return undefined;
  return {
    mark: "warning",
    subject: SUBJECT,
    says: `${replicaCount} replicas may need ${own} connections each, and the server gives this user ${most} in all`,
    mend: "Raise max_connections, or lower DATABASE_CONNECTIONS on every replica.",
  };
}
