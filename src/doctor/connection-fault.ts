interface Fault {
  readonly says: string;
  readonly mend: string;
}

const NO_TLS: Fault = {
  says: "this port does not use TLS",
  mend: "Set up a certificate in the proxy, or use the http address.",
};
const UNKNOWN_NAME: Fault = {
  says: "this name does not exist",
  mend: "Is it spelt correctly, and does it have an entry in the DNS?",
};
const NO_WAY: Fault = {
  says: "no network route leads to it",
  mend: "Is this machine connected, and is the address of the right family (IPv4, IPv6)?",
};
const TOO_LATE: Fault = {
  says: "it did not answer in time",
  mend: "Is the port open in the firewall, and does the name lead to the right machine?",
};

/** By the error codes of node:tls and Bun's fetch. */
const FAULTS: Readonly<Record<string, Fault>> = {
  ECONNREFUSED: {
    says: "nothing listens there",
    mend: "Start the server and its proxy. Is the port right?",
  },
  ECONNRESET: {
    says: "the connection was closed without an answer",
    mend: "Look at the logs of the proxy. Should the address begin with https or with http?",
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

/** The reason why an address could not be reached, and what to check. */
export function connectionFault(error: unknown): Fault {
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  return (
    FAULTS[code] ??
    FAULTS[name] ?? {
      says: message,
      mend: "Are the server and its proxy running? Does the name lead to this machine? Is the port open?",
    }
  );
}
