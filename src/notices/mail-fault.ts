import { connectionFault } from "../net/connection-fault.ts";
import { DeliveryError } from "./channel.ts";

/** What is read of nodemailer's errors. */
interface Fault {
  readonly code: string;
  /** Of SMTP, such as 550. Undefined: the server did not answer. */
  readonly status: number | undefined;
  readonly says: string;
}

/** Answers of 5xx about the mailbox, the mail system or a quota, and not about this mail (RFC 3463, section 3). */
const MAY_PASS = /^552(?! 5\.3\.4)|\b5\.(?:2\.[012]|3\.[0123]|4\.\d)\b/;

/** Whatever they answer (RFC 4954, section 6). */
const OF_THE_LOGIN: ReadonlySet<number> = new Set([530, 534, 535, 538]);

const REASONS: Readonly<Record<string, string>> = {
  EAUTH: "The mail server does not accept the user name and the password.",
  ENOAUTH: "The mail server wants a user name and a password.",
  ETLS: "The mail server does not offer TLS on this port, or not a valid one. Without it, nothing is sent.",
  EABORT: "The mail server did not answer in time.",
  ETIMEDOUT: "The mail server did not answer in time.",
};

/**
 * What an error of nodemailer means. An answer of 5xx to the text of a mail is final. One to the password, the sender or the
 * recipient is not: the owner mends it, and gets what has waited for him.
 */
export function toMailFault(error: unknown, toWords: (text: string) => string): DeliveryError {
  const { code, status, says } = read(error);
  if (status === undefined) {
    const reason = REASONS[code] ?? connectionFault(withCode(code)).reason;
    return new DeliveryError(reason, { kind: "retry" });
  }
  const wantsLogin = OF_THE_LOGIN.has(status);
  const isFinal = status >= 500 && code === "EMESSAGE" && !wantsLogin && !MAY_PASS.test(says);
  const reason =
    REASONS[wantsLogin && code !== "EAUTH" ? "ENOAUTH" : code] ??
    (status >= 500
      ? `The mail server refuses it (${status}).`
      : `The mail server does not take it now (${status}).`);
  return new DeliveryError(reason, { kind: isFinal ? "refused" : "retry", says: toWords(says) });
}

/** Whether another address of the mail server may answer. */
export function isFaultOfAddress(error: unknown): boolean {
  const { code, status } = read(error);
  return status === undefined && connectionFault(withCode(code)).isOfAddress;
}

function read(error: unknown): Fault {
  if (!(error instanceof Error)) return { code: "", status: undefined, says: "" };
  const field = (name: string) => Object.getOwnPropertyDescriptor(error, name)?.value as unknown;
  const [original, own] = [field("originalCode"), field("code")];
  const [status, says] = [field("responseCode"), field("response")];
  return {
    // Of a connection that failed, the system's own code says more.
    code: String(own === "ESOCKET" ? (original ?? own) : (own ?? error.name)),
    status: typeof status === "number" ? status : undefined,
    says: typeof says === "string" ? says : "",
  };
}

function withCode(code: string): Error {
  return Object.assign(new Error(code), { code });
}
