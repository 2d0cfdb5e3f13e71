import { ModelError } from "./model.ts";
import { isOverflow, type Refusal } from "./refusal.ts";
import { errorKind } from "./reported-error.ts";

/** A request that brought no answer of the model. */
export type Failure =
  | { readonly kind: "refused"; readonly refusal: Refusal; readonly names: ErrorNames }
  /** The code of the system or of TLS, which Bun's fetch gives to its errors. */
  | { readonly kind: "unreachable"; readonly code: string | undefined };

/** Type and code as the server sent them. */
export interface ErrorNames {
  readonly type: unknown;
  readonly code: unknown;
}

/** What went wrong and what the owner can do about it. Neither holds a word of the server's or a visitor's. */
interface Explanation {
  readonly says: string;
  readonly mend: string;
}

/** Of the address that was asked, only its host is ever named. */
export function toModelError(failure: Failure, baseUrl: string | undefined): ModelError {
  if (failure.kind === "unreachable") {
    const { says, mend } = explainConnection(failure.code, baseUrl);
    const kind = failure.code === undefined ? "" : ` (${failure.code})`;
    return new ModelError("model_error", `${says}: ${mend}${kind}`, undefined, { says, mend });
  }
  return refusedBy(failure, explainStatus(failure, baseUrl));
}

/** The prompt is too long although only the question is left of the conversation. */
export function questionTooLong(failure: Extract<Failure, { kind: "refused" }>): ModelError {
  return refusedBy(failure, {
    says: "the question alone is too long for the model's context",
    mend: "shorten SYSTEM_PROMPT, lower MAX_OUTPUT_TOKENS, or give the model's server a larger context",
  });
}

function refusedBy(
  { refusal, names }: Extract<Failure, { kind: "refused" }>,
  { says, mend }: Explanation,
): ModelError {
  const { status, sentence } = refusal;
  const isBusy = status === 429 || status === 503 || status === 529;
  const kind = `(status ${status}${errorKind(names)})`;
  return new ModelError(
    isBusy ? "model_busy" : "model_error",
    `${says}: ${mend} ${kind}`,
    undefined,
    { says: `${says} ${kind}`, mend, sentence },
  );
}

const UNKNOWN_ISSUER: Explanation = {
  says: "the model server's certificate comes from an authority that is not known here",
  mend:
    "have NODE_EXTRA_CA_CERTS=/path/to/ca.pem in the environment before the start " +
    "(.env is read too late for it)",
};

/** By the error codes of Bun's fetch: those of the system, and OpenSSL's for certificates. */
function explainConnection(code: string | undefined, baseUrl: string | undefined): Explanation {
  const host = baseUrl === undefined ? "api.openai.com" : new URL(baseUrl).host;
  const where = `at ${host}`;
  switch (code) {
    case "ECONNREFUSED":
    case "ConnectionRefused":
      return {
        says: `the model could not be reached: nothing accepts connections ${where}`,
        mend: "is the model's server running? Check OPENAI_BASE_URL, and HTTP_PROXY if it is set",
      };
    case "ENOTFOUND":
    case "EAI_AGAIN":
    case "EAI_NONAME":
    case "FailedToResolve":
      return {
        says: `the model could not be reached: the name of ${host} is not known here`,
        mend: "check OPENAI_BASE_URL and the name server of this machine",
      };
    case "EHOSTUNREACH":
    case "ENETUNREACH":
    case "ENETDOWN":
      return {
        says: `the model could not be reached: there is no way to ${host} from here`,
        mend: "check OPENAI_BASE_URL and the network of this machine",
      };
    case "ETIMEDOUT":
    case "ConnectTimeout":
    case "Timeout":
      return {
        says: `the model could not be reached: no answer ${where}`,
        mend: "check OPENAI_BASE_URL and the firewalls on the way",
      };
    case "ECONNRESET":
    case "ECONNABORTED":
    case "EPIPE":
    case "ConnectionClosed":
      return {
        says: `the model could not be reached: the connection was closed ${where}`,
        mend: "does OPENAI_BASE_URL name https or http as the server does, and is it running well?",
      };
    case "EPROTO":
    case "Malformed_HTTP_Response":
    case "HPE_INVALID_CONSTANT":
      return {
        says: `what answers ${where} does not speak ${protocolOf(baseUrl)}`,
        mend: "check the port and http or https in OPENAI_BASE_URL",
      };
    case "DEPTH_ZERO_SELF_SIGNED_CERT":
    case "SELF_SIGNED_CERT_IN_CHAIN":
    case "UNABLE_TO_VERIFY_LEAF_SIGNATURE":
    case "UNABLE_TO_GET_ISSUER_CERT":
    case "UNABLE_TO_GET_ISSUER_CERT_LOCALLY":
    case "CERT_UNTRUSTED":
    case "INVALID_CA":
      return UNKNOWN_ISSUER;
    case "CERT_HAS_EXPIRED":
      return { says: "the model server's certificate has ended", mend: "renew it on that server" };
    case "CERT_NOT_YET_VALID":
      return {
        says: "the model server's certificate is not valid yet",
        mend: "check the clock of this machine",
      };
    case "ERR_TLS_CERT_ALTNAME_INVALID":
    case "HOSTNAME_MISMATCH":
      return {
        says: `the model server's certificate is not for ${host}`,
        mend: "use the name in the certificate in OPENAI_BASE_URL",
      };
    default:
      return { says: "the model could not be reached", mend: "check OPENAI_BASE_URL" };
  }
}

function protocolOf(baseUrl: string | undefined): string {
  return baseUrl?.toLowerCase().startsWith("http:") ? "http" : "https";
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
      mend: "set OPENAI_BASE_URL to the one it leads to, if that is yours",
    };
  }
  if (/quota|balance|billing|credit/i.test(names) || status === 402) {
    return {
      says: "the account at the model's provider has nothing left",
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
    mend: "check OPENAI_MODEL; `chatporch doctor` shows what the server says",
  };
}
