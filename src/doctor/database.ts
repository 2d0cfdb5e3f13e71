import { databaseFills, searchRebuilds } from "../config/advice.ts";
import type { DatabaseState } from "../store/store.ts";
import { advised, type Finding } from "./report.ts";

const SUBJECT = "database";

/** Checks whether the file is intact and has a schema that this version supports. */
export async function checkDatabase(
  path: string,
  inspect: (path: string) => Promise<DatabaseState>,
  maxBytes = Number.POSITIVE_INFINITY,
): Promise<Finding[]> {
  let state: DatabaseState;
  try {
    state = await inspect(path);
  } catch (error) {
    return [
      wrong(
        messageOf(error, path),
        `Is DATABASE_PATH (${path}) right? Run this as the server's user. If the file is damaged, restore a backup.`,
      ),
    ];
  }
  if (state.kind === "missing") {
    return [
      {
        mark: "warning",
        subject: SUBJECT,
        says: `there is none at ${path}`,
        mend:
          "The server creates it at its first start. If the server has run before, start this command in\n" +
          "the server's working directory and with its DATABASE_PATH.",
      },
    ];
  }
  return judge(path, state, maxBytes);
}

function messageOf(error: unknown, path: string): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.includes(path) ? message : `${path} cannot be read: ${message}`;
}

function judge(
  path: string,
  state: Extract<DatabaseState, { kind: "found" }>,
  maxBytes: number,
): Finding[] {
  const { schema, knownSchema, damages } = state;
  const findings: Finding[] = [];
  if (damages.length > 0) {
    findings.push(
      wrong(
        `${path} is damaged: ${damages.join("; ")}`,
        "Stop the server, keep a copy of the file, and restore a backup.",
      ),
    );
  }
  if (schema > knownSchema) {
    findings.push(
      wrong(
        `schema ${schema} is newer than this version, which supports up to ${knownSchema}`,
        "Start the newer chatporch, or restore a backup made by this one.",
      ),
    );
  }
  if (state.isReadableByOthers) {
    findings.push({
      mark: "warning",
      subject: SUBJECT,
      says: `${path} can be read by other users of this machine`,
      mend: `chmod 600 ${path}`,
    });
  }
  const databaseShare = state.usedBytes / maxBytes;
  const fills = databaseFills({ databaseShare });
  if (fills !== undefined) {
    findings.push(advised(fills, SUBJECT, databaseShare >= 1 ? "wrong" : "warning"));
  }
  const rebuilds = searchRebuilds({ searchBuiltShare: state.builtShare });
  if (rebuilds !== undefined) findings.push(advised(rebuilds, SUBJECT));
  if (findings.some(({ mark }) => mark === "wrong")) return findings;
  const next = schema < knownSchema ? `; the next start upgrades it to ${knownSchema}` : "";
  const size = `${(state.sizeBytes / 1e6).toFixed(1)} MB`;
  const says = `whole, schema ${schema}${next}, ${size}`;
  return [{ mark: "ok", subject: SUBJECT, says }, ...findings];
}

function wrong(says: string, mend: string): Finding {
  return { mark: "wrong", subject: SUBJECT, says, mend };
}
