interface Fault {
  readonly says: string;
  readonly mend: string;
}

const NO_TLS: Fault = {
  says: "TLS is not spoken on this port",
  mend: "Set up a certificate in the proxy. Is it an http address?",
};
const UNKNOWN_NAME: Fault = {
  says: "there is no such name",
  mend: "Is it spelt right, and has it an entry in the DNS?",
};
const NO_WAY: Fault = {
  says: "no network leads to it",
  mend: "Has this machine a connection, and the address the right family (IPv4, IPv6)?",
};
const TOO_LATE: Fault = {
  says: "no answer in time",
  mend: "Is the port open in the firewall, and does the name lead to the right machine?",
};

/** By the codes of node:tls and of Bun's fetch. */
const FAULTS: Readonly<Record<string, Fault>> = {
  ECONNREFUSED: {
    says: "nothing listens there",
    mend: "Start the server, and its proxy. Is the port right?",
  },
  ECONNRESET: {
    says: "the connection was closed without an answer",
    mend: "Look at the logs of the proxy. Is it an https address, or an http one?",
  },
  ENOTFOUND: UNKNOWN_NAME,
  EAI_AGAIN: UNKNOWN_NAME,
  EHOSTUNREACH: NO_WAY,
  ENETUNREACH: NO_WAY,
  ETIMEDOUT: TOO_LATE,
  TimeoutError: TOO_LATE,
  EPROTO: NO_TLS,
  ERR_SSL_WRONG_VERSION_NUMBER: NO_TLS,
};

/** Why an address could not be reached, and what to look at. */
export function connectionFault(error: unknown): Fault {
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  return (
    FAULTS[code] ??
    FAULTS[name] ?? {
      says: message,
      mend: "Is the server running, and its proxy? Does the name lead to this machine, is the port open?",
    }
  );
}
