const NO_NAME = "Its name does not exist.";
const BAD_CERTIFICATE = "Its TLS certificate is not valid";

/** By the error codes of Bun's fetch. */
const FAULTS: Readonly<Record<string, string>> = {
  ECONNREFUSED: "Nothing listens at this address.",
  ECONNRESET: "The server closed the connection without an answer.",
  EHOSTUNREACH: "No network route leads to the server.",
  ENETUNREACH: "No network route leads to the server.",
  ENOTFOUND: NO_NAME,
  DNS_ENOTFOUND: NO_NAME,
  TimeoutError: "The server did not answer in time.",
  ETIMEDOUT: "The server did not answer in time.",
  EPROTO: "The server does not speak TLS on this port.",
  ERR_SSL_WRONG_VERSION_NUMBER: "The server does not speak TLS on this port.",
  ZlibError: "The server's answer is not packed as it says.",
  BrotliDecompressionError: "The server's answer is not packed as it says.",
  ZstdDecompressionError: "The server's answer is not packed as it says.",
  CERT_HAS_EXPIRED: `${BAD_CERTIFICATE}: it has expired.`,
  ERR_TLS_CERT_ALTNAME_INVALID: `${BAD_CERTIFICATE} for this name.`,
  DEPTH_ZERO_SELF_SIGNED_CERT: `${BAD_CERTIFICATE}: nobody has signed it.`,
  SELF_SIGNED_CERT_IN_CHAIN: `${BAD_CERTIFICATE}: its signer is not known here.`,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: `${BAD_CERTIFICATE}: the certificate of its signer is missing.`,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: `${BAD_CERTIFICATE}: its signer is not known here.`,
};

/** Faults of one address: another address of the same host may answer. */
const OF_THE_ADDRESS = new Set(["ECONNREFUSED", "EHOSTUNREACH", "ENETUNREACH", "ETIMEDOUT"]);

export interface ConnectionFault {
  /** A sentence for the owner. */
  readonly reason: string;
  readonly isOfAddress: boolean;
}

/** What an error of fetch, or of reading its body, means. */
export function connectionFault(error: unknown): ConnectionFault {
  const { name } = error instanceof Error ? error : new Error(String(error));
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const reason = FAULTS[code] ?? FAULTS[name] ?? `The server cannot be read (${code || name}).`;
  return { reason, isOfAddress: OF_THE_ADDRESS.has(code) };
}
