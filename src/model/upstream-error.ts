import { ModelError } from "./model.ts";
import { isOverflow, type Refusal } from "./refusal.ts";
import { errorKind } from "./reported-error.ts";

/** Why a request brought no answer. */
export type Failure =
  | { readonly kind: "refused"; readonly refusal: Refusal; readonly names: ErrorNames }
  /** `code`: the system's or TLS's error code, from the error of Bun's fetch. */
  | { readonly kind: "unreachable"; readonly code: string | undefined };

type Refused = Pick<Extract<Failure, { kind: "refused" }>, "refusal" | "names">;

/** Type and code as the server sent them. */
interface ErrorNames {
  readonly type?: unknown;
  readonly code?: unknown;
}

/** What went wrong, and what the owner can do. Contains no text from the server or a visitor. */
interface Explanation {
  readonly says: string;
  readonly mend: string;
  /** A further hint, for the log only. */
  readonly hint?: string;
}

/** The error for the owner. Of the model server's address, it names only the host. */
export function toModelError(failure: Failure, baseUrl: string | undefined): ModelError {
  if (failure.kind === "unreachable") {
    const { code } = failure;
    const { says, mend } = explainConnection(code, baseUrl);
    const kind = code === undefined ? "" : ` (${code})`;
    const isFree = !mayHaveArrived(code);
    return new ModelError("model_error", `${says}: ${mend}${kind}`, undefined, {
      says,
      mend,
      isFree,
    });
  }
  return refusedBy(failure, explainStatus(failure, baseUrl));
}

/** The error for a prompt that is too long although only the question is left of the conversation. */
export function questionTooLong(failure: Refused): ModelError {
  return refusedBy(failure, {
    says: "the question alone is too long for the model's context",
    mend: "shorten SYSTEM_PROMPT, lower MAX_OUTPUT_TOKENS, or give the model's server a larger context",
  });
}

function refusedBy(
  { refusal, names }: Refused,
  { says, mend, hint = "" }: Explanation,
): ModelError {
  const { status, sentence } = refusal;
  const isBusy = status === 429 || status === 503 || status === 529;
  const kind = `(status ${status}${errorKind(names)})`;
  return new ModelError(
    isBusy ? "model_busy" : "model_error",
    `${says}: ${mend}${hint} ${kind}`,
    undefined,
    { says: `${says} ${kind}`, mend, sentence, isFree: !mayHaveAnswered(status) },
  );
}

/** Why the server could not be reached, by the error codes of Bun's fetch: the system's and OpenSSL's. */
const REASONS: Readonly<Record<string, keyof typeof CONNECTIONS>> = {
  ECONNREFUSED: "refused",
  ConnectionRefused: "refused",
  ENOTFOUND: "unknownName",
  EAI_AGAIN: "unknownName",
  EAI_NONAME: "unknownName",
  EHOSTUNREACH: "noWay",
  ENETUNREACH: "noWay",
  ENETDOWN: "noWay",
  ETIMEDOUT: "silent",
  ConnectTimeout: "silent",
  ECONNRESET: "closed",
  ECONNABORTED: "closed",
  EPIPE: "closed",
  ConnectionClosed: "closed",
  EPROTO: "otherProtocol",
  Malformed_HTTP_Response: "otherProtocol",
  DEPTH_ZERO_SELF_SIGNED_CERT: "unknownIssuer",
  SELF_SIGNED_CERT_IN_CHAIN: "unknownIssuer",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "unknownIssuer",
  UNABLE_TO_GET_ISSUER_CERT: "unknownIssuer",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "unknownIssuer",
  CERT_UNTRUSTED: "unknownIssuer",
  INVALID_CA: "unknownIssuer",
  CERT_HAS_EXPIRED: "expired",
  CERT_NOT_YET_VALID: "notYetValid",
  ERR_TLS_CERT_ALTNAME_INVALID: "otherName",
  HOSTNAME_MISMATCH: "otherName",
};

const CONNECTIONS = {
  refused: (host: string): Explanation => ({
    says: `the model could not be reached: nothing accepts connections at ${host}`,
    mend: "is the model's server running? Check OPENAI_BASE_URL, and HTTP_PROXY if it is set",
  }),
  unknownName: (host: string): Explanation => ({
    says: `the model could not be reached: the name of ${host} is unknown on this machine`,
    mend: "check OPENAI_BASE_URL and the name server of this machine",
  }),
  noWay: (host: string): Explanation => ({
    says: `the model could not be reached: there is no route to ${host}`,
    mend: "check OPENAI_BASE_URL and the network of this machine",
  }),
  silent: (host: string): Explanation => ({
    says: `the model could not be reached: ${host} does not answer`,
    mend: "check OPENAI_BASE_URL and the firewalls on the way",
  }),
  closed: (host: string): Explanation => ({
    says: `the model could not be reached: ${host} closed the connection`,
    mend: "is the server running properly? Check http or https in OPENAI_BASE_URL",
  }),
  otherProtocol: (host: string): Explanation => ({
    says: `what answers at ${host} speaks another protocol`,
    mend: "check the port, and http or https, in OPENAI_BASE_URL",
  }),
  unknownIssuer: (): Explanation => ({
    says: "the model server's certificate comes from an unknown authority",
    mend:
      "set NODE_EXTRA_CA_CERTS=/path/to/ca.pem in the environment before the start " +
      "(.env is read too late for it)",
  }),
  expired: (): Explanation => ({
    says: "the model server's certificate has expired",
    mend: "renew it on that server",
  }),
  notYetValid: (): Explanation => ({
    says: "the model server's certificate is not valid yet",
    mend: "check the clock of this machine",
  }),
  otherName: (host: string): Explanation => ({
    says: `the model server's certificate is not for ${host}`,
    mend: "use the name in the certificate in OPENAI_BASE_URL",
  }),
  unknown: (host: string): Explanation => ({
    says: `the model could not be reached at ${host}`,
    mend: "check OPENAI_BASE_URL",
  }),
};

/** Whether a connection that broke so may have carried the question to its server. */
export function mayHaveArrived(code: string | undefined): boolean {
  const reason = REASONS[code ?? ""];
  return reason === undefined || reason === "closed";
}

/** Whether the model may have generated an answer: a proxy gave up waiting, or lost the model's server. */
export function mayHaveAnswered(status: number): boolean {
  return LATE.has(status);
}

const LATE: ReadonlySet<number> = new Set([408, 502, 504, 520, 522, 524]);

function explainConnection(code: string | undefined, baseUrl: string | undefined): Explanation {
  const host = baseUrl === undefined ? "api.openai.com" : new URL(baseUrl).host;
  return CONNECTIONS[REASONS[code ?? ""] ?? "unknown"](host);
}

function explainStatus(
  { refusal, names: { code, type } }: Extract<Failure, { kind: "refused" }>,
  baseUrl: string | undefined,
): Explanation {
  const { status } = refusal;
  const names = `${String(code)} ${String(type)}`;
  if (status >= 300 && status < 400) {
    return {
      says: "the model's address redirects",
      mend: "set OPENAI_BASE_URL to the address it leads to, if you trust it",
    };
  }
  if (/quota|balance|billing|credit/i.test(names) || status === 402) {
    return {
      says: "the account at the model's provider has no credit left",
      mend: "look at its balance and its limits",
    };
  }
  if (status === 401 || /invalid_api_key/.test(names)) {
    return { says: "the model refused the key", mend: "check OPENAI_API_KEY" };
  }
  if (/model_not_found|model_not_supported|invalid_model/.test(names)) {
    return { says: "the server does not have the model", mend: "check OPENAI_MODEL" };
  }
  if (isOverflow(refusal)) {
    return {
      says: "the prompt is too long for the model's context",
      mend: "lower MAX_HISTORY_TOKENS",
    };
  }
  return STATUSES[status] ?? byDefault(refusal, baseUrl);
}

const STATUSES: Readonly<Record<number, Explanation>> = {
  403: {
    says: "the model refused access",
    mend: "check OPENAI_API_KEY and what it may use, in this country too",
  },
  408: { says: "the model's server gave up waiting", mend: "is it overloaded?" },
  429: {
    says: "the model is rate limited",
    mend: "look at the limits of your account at the model's provider",
  },
  500: { says: "the model's server failed", mend: "look at its log" },
  502: { says: "the model's server failed", mend: "look at the log of the proxy in front of it" },
  503: { says: "the model's server is overloaded or starting", mend: "look at its log" },
  504: { says: "the model's server did not answer its proxy in time", mend: "look at its log" },
  529: { says: "the model's server is overloaded", mend: "look at its provider's status page" },
};

function byDefault({ status, text }: Refusal, baseUrl: string | undefined): Explanation {
  if (status === 404 || status === 405) {
    const path = baseUrl === undefined ? "/v1" : new URL(baseUrl).pathname.replace(/\/+$/, "");
    const isModel = /\bmodel\b/i.test(text);
    if (isModel)
      return { says: "the model was not found", mend: "check OPENAI_MODEL and OPENAI_BASE_URL" };
    const hint = /\/v\d/.test(path) ? "" : ": most servers want it to end with /v1";
    return {
      says: "there is no chat completion at the model's address",
      mend: `check OPENAI_BASE_URL${hint}, and OPENAI_MODEL`,
    };
  }
  if (status >= 500) return { says: "the model's server failed", mend: "look at its log" };
  return {
    says: "the model refused the request",
    mend: "check OPENAI_MODEL",
    hint: "; `chatporch doctor` shows what the server says",
  };
}
