import { MINUTE_MS } from "../../runtime/time.ts";
import type { ServerFacts, ServerFinding, ServerReport } from "../server-report.ts";
import { OTHER_CONNECTIONS } from "./connections.ts";

/** From here on, retention distrusts the clocks. */
const CLOCK_TOLERANCE_MS = 5 * MINUTE_MS;

/** What a server and a database of a supported version are like. */
export interface ServerState {
  readonly isStandby: boolean;
  readonly isReadOnly: boolean;
  readonly encoding: string;
  readonly mayMakeTables: boolean;
  /** Whether tables of another program have the names of ours. */
  readonly hasOtherTables: boolean;
  readonly most: number;
  readonly free: number;
  /** Milliseconds since the epoch, by the server's clock. */
  readonly now: number;
}

/** What keeps chatporch from using the database, and what may do so later. */
export function judgeServer(
  state: ServerState,
  facts: ServerFacts,
): Pick<ServerReport, "fault" | "warnings"> {
  const found = JUDGES.map((judge) => judge(state, facts)).filter((each) => each !== undefined);
  return {
    fault: found.find(({ isFault }) => isFault)?.finding,
    warnings: found.filter(({ isFault }) => !isFault).map(({ finding }) => finding),
  };
}

interface Judgement {
  readonly finding: ServerFinding;
  readonly isFault: boolean;
}

const fault = (finding: ServerFinding): Judgement => ({ finding, isFault: true });
const warning = (finding: ServerFinding): Judgement => ({ finding, isFault: false });

/** Each looks at one thing. Undefined: it is fine. */
const JUDGES: readonly ((state: ServerState, facts: ServerFacts) => Judgement | undefined)[] = [
  ({ isStandby }) =>
    isStandby
      ? fault({
          id: "standby",
          says: "is a standby, which only reads",
          mend: "Take the address that always leads to the primary.",
        })
      : undefined,
  ({ isReadOnly, isStandby }) =>
    isReadOnly && !isStandby
      ? fault({
          id: "read-only",
          says: "takes no writes from this user (default_transaction_read_only)",
          mend: "Allow them: ALTER ROLE chatporch SET default_transaction_read_only = off",
        })
      : undefined,
  ({ encoding }) =>
    encoding === "UTF8"
      ? undefined
      : fault({
          id: "encoding",
          says: `has the encoding ${encoding}, but must have UTF8`,
          mend: "Make another one: CREATE DATABASE chatporch ENCODING 'UTF8' TEMPLATE template0",
        }),
  ({ mayMakeTables }) =>
    mayMakeTables
      ? undefined
      : fault({
          id: "no-rights",
          says: "does not let this user make tables",
          mend: "Make the user its owner: ALTER DATABASE chatporch OWNER TO chatporch. Or: GRANT CREATE ON SCHEMA public TO chatporch",
        }),
  ({ hasOtherTables }) =>
    hasOtherTables
      ? fault({
          id: "other-tables",
          says: "holds tables of another program with names that chatporch needs",
          mend: "Make one for chatporch alone: CREATE DATABASE chatporch OWNER chatporch ENCODING 'UTF8'",
        })
      : undefined,
  (_, { connections: { most, own } }) =>
    most >= own
      ? undefined
      : fault({
          id: "few-connections",
          says: `has ${most} connections for this user at most, but ${own} are needed (DATABASE_CONNECTIONS and ${OTHER_CONNECTIONS} more)`,
          mend: "Raise max_connections, or the limit of the role or the database, or lower DATABASE_CONNECTIONS.",
        }),
  (_, { connections: { most, free, own } }) =>
    most >= own && free < own
      ? warning({
          id: "few-connections",
          says: `has ${free} free connections of ${most}, and this server may need ${own}`,
          mend: "Raise max_connections, or lower DATABASE_CONNECTIONS on every replica.",
        })
      : undefined,
  (_, { clockAheadMs }) =>
    Math.abs(clockAheadMs) < CLOCK_TOLERANCE_MS
      ? undefined
      : warning({
          id: "clock",
          says: `has a clock that differs from this machine's by ${Math.round(Math.abs(clockAheadMs) / MINUTE_MS)} minutes`,
          mend: "Let both machines take the time from a time server.",
        }),
];
