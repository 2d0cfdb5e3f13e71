/** Why a request failed, and so what can be done about it. */
type FailureKind =
  /** No connection, or a broken one: the request may have arrived. */
  | "network"
  /** The server or something in front of it has a problem. Try again in a moment, or after `seconds`. */
  | "server"
  /** Too many requests. Try again after `seconds`. */
  | "wait"
  /** Another tab has an answer under way. */
  | "busy"
  /** The session is no longer valid, or its conversation is too long. A new session helps. */
  | "session"
  /** The key, the origin or the address is wrong, or no model is set up. Only the owner can change it. */
  | "setup"
  /** The server will never accept this request. */
  | "refused";

/** A failed request. Its message is an error code, from the server or one of ours. */
export class Failure extends Error {
  /** What the visitor reads of it, in place of the panel's own sentence. Set by limits/limits.ts. */
  declare sentence?: string;

  constructor(
    public kind: FailureKind,
    code: string,
    readonly seconds = 0,
    /** What the server says of it besides, unchecked. */
    readonly body?: unknown,
  ) {
    super(code);
  }
}

/** The wait when the server names none. By then, another tab's answer may have ended. */
const DEFAULT_WAIT_SECONDS = 3;

/** By the code in the body, which is more exact, or by the status. */
const KIND_OF: Readonly<Record<string, FailureKind>> = {
  session_token_invalid: "session",
  conversation_full: "session",
  not_set_up: "setup",
  401: "setup",
  403: "setup",
  409: "busy",
  429: "wait",
};

/** Makes a Failure from an error response. A code in the body is more exact than the status. */
export async function failureOf(response: Response): Promise<Failure> {
  const { status, headers } = response;
  const body: unknown = await response.json().catch(() => undefined);
  const { code } = Object(body) as { code?: unknown };
  const name = typeof code === "string" ? code : `http_${status}`;
  const kind = KIND_OF[name] ?? KIND_OF[status] ?? (status < 500 ? "refused" : "server");
  const seconds = Number(headers.get("retry-after")) || (status < 500 ? DEFAULT_WAIT_SECONDS : 0);
  return new Failure(kind, name, seconds, body);
}
