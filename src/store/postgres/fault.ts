import { SQL } from "bun";

import { dialFault } from "../../net/dial-fault.ts";
import { DeadlineError } from "../../runtime/deadline.ts";
import type { ServerFinding } from "../server-report.ts";

const DIAL_TIMEOUT_MS = 2000;
const DEFAULT_PORT = 5432;

/** By SQLSTATE, what PostgreSQL says of a connection that it refuses. */
const BY_STATE: Readonly<Record<string, ServerFinding>> = {
  "28P01": {
    id: "refused-login",
    says: "refuses the user or the password",
    mend: "Correct them in DATABASE_URL.",
  },
  "28000": {
    id: "refused-login",
    says: "does not let this user in from this machine",
    mend: "Look into pg_hba.conf and whether the role may log in. Where TLS is required, add ?sslmode=require to DATABASE_URL.",
  },
  "3D000": {
    id: "no-database",
    says: "does not exist on that server",
    mend: "Correct the name in DATABASE_URL, or make the database: CREATE DATABASE chatporch OWNER chatporch",
  },
  "42501": {
    id: "no-rights",
    says: "does not give this user the rights to make and to use tables",
    mend: "Make the user its owner: ALTER DATABASE chatporch OWNER TO chatporch. If tables are there already: REASSIGN OWNED",
  },
  "42704": {
    id: "unknown-parameter",
    says: "does not know a parameter at the end of the address",
    mend: "Remove from DATABASE_URL what is behind the question mark and not for PostgreSQL.",
  },
  "53300": {
    id: "few-connections",
    says: "has no connection left",
    mend: "Raise max_connections there, or lower DATABASE_CONNECTIONS on every replica.",
    mayPass: true,
  },
  "57P03": {
    id: "starting",
    says: "is starting or stopping",
    mend: "Wait until it is ready. If it is a standby, take the address of the primary.",
    mayPass: true,
  },
};

/** By the code of Bun's client. */
const BY_CODE: Readonly<Record<string, ServerFinding>> = {
  ERR_POSTGRES_TLS_NOT_AVAILABLE: {
    id: "no-tls",
    says: "has no TLS, which DATABASE_URL asks for",
    mend: "Turn TLS on there, or remove sslmode from DATABASE_URL.",
  },
  ERR_POSTGRES_CHANNEL_BINDING_REQUIRED: {
    id: "no-tls",
    says: "has no TLS, which channel_binding in DATABASE_URL needs",
    mend: "Add sslmode=require to DATABASE_URL, or remove channel_binding from it.",
  },
  ERR_INVALID_ARG_TYPE: {
    id: "untrusted-certificate",
    says: "cannot be checked, because a certificate's file that DATABASE_URL names cannot be read",
    mend: "Correct the path behind sslrootcert=, sslcert= or sslkey=.",
  },
};

const NOT_ITS_CERTIFICATE = /CERT|SIGNATURE|ISSUER|ALTNAME|SELF_SIGNED/;

/** The reason why PostgreSQL cannot be reached or used, from an error of its client. */
export async function faultOf(error: unknown, url: string): Promise<ServerFinding> {
  const { code, state, message } = readError(error);
  const known = BY_STATE[state] ?? BY_CODE[code];
  if (known) return known;
  if (NOT_ITS_CERTIFICATE.test(code)) {
    return {
      id: "untrusted-certificate",
      says: `shows a certificate that is not trusted (${code})`,
      mend: "Name the authority's certificate with sslrootcert= in DATABASE_URL, and the host as the certificate names it.",
    };
  }
  if (state !== "") {
    return {
      id: "not-understood",
      says: `refuses the connection: ${message} (${state})`,
      mend: "Look into the server's log.",
    };
  }
  if (code !== "" && !code.startsWith("ERR_POSTGRES_CONNECTION")) {
    return {
      id: "not-understood",
      says: `cannot be used with this address: ${message} (${code})`,
      mend: "Correct DATABASE_URL.",
    };
  }
  const why = await whyUnreachable(url);
  if (why === undefined && error instanceof DeadlineError) {
    return {
      id: "unreachable",
      says: "takes connections but does not answer",
      mend: "Look whether it is overloaded, and whether it is PostgreSQL that listens at the port of DATABASE_URL.",
      mayPass: true,
    };
  }
  return {
    id: "unreachable",
    says: `cannot be reached: ${why ?? message}`,
    mend: "Start it, or correct the host and the port in DATABASE_URL.",
    mayPass: true,
  };
}

function whyUnreachable(url: string): Promise<string | undefined> {
  // A unix socket: the client's own words name its file.
  if (new URL(url).hostname.startsWith("%2F") || new URL(url).searchParams.has("host")) {
    return Promise.resolve(undefined);
  }
  return dialFault(url, { defaultPort: DEFAULT_PORT, timeoutMs: DIAL_TIMEOUT_MS });
}

interface ClientError {
  readonly code: string;
  /** The SQLSTATE. Empty: the error is not from the server. */
  readonly state: string;
  readonly message: string;
}

export function readError(error: unknown): ClientError {
  const { message } = error instanceof Error ? error : new Error(String(error));
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const state = error instanceof SQL.PostgresError ? (error.errno ?? "") : "";
  return { code, state, message };
}
