/** What can be done about a request that did not work. */
export type FailureKind =
  /** No connection, or a connection that broke: what was sent may have arrived. */
  | "network"
  /** The server or something in front of it is in trouble; again in a moment. */
  | "server"
  /** Too many requests; again after `seconds`. */
  | "wait"
  /** The session is not valid any more; a new one is. */
  | "session"
  /** Another tab has an answer under way. */
  | "busy"
  /** Key, origin or address: only the owner of the page can change it. */
  | "setup"
  /** The server does not take this request, now or later. */
  | "refused";

/** Every way a request fails, told by the API client. */
export class Failure extends Error {
  readonly kind: FailureKind;
  /** The server's machine code, or one of ours. */
  readonly code: string;
  readonly seconds: number;

  constructor(kind: FailureKind, code: string, seconds = 0) {
    super(code);
    this.kind = kind;
    this.code = code;
    this.seconds = seconds;
  }
}

/** When a server that limits does not say for how long. */
const DEFAULT_WAIT_SECONDS = 30;

/** Reads an answer that is not good; the code tells more than the status where there is one. */
export async function failureOf(response: Response): Promise<Failure> {
  const body: unknown = await response.json().catch(() => undefined);
  const code = String((Object(body) as Record<string, unknown>).code ?? `http_${response.status}`);
  const { status } = response;
  if (code === "session_token_invalid") return new Failure("session", code);
  if (status === 401 || status === 403) return new Failure("setup", code);
  if (status === 429) {
    const seconds = Math.ceil(Number(response.headers.get("retry-after")));
    return new Failure("wait", code, seconds > 0 ? seconds : DEFAULT_WAIT_SECONDS);
  }
  if (status === 409) return new Failure("busy", code);
  return new Failure(status >= 500 || status === 408 ? "server" : "refused", code);
}
