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
  /** Key, origin or address: only the owner of the page can change it. */
  | "setup"
  /** The server does not take this request, now or later. */
  | "refused";

/** Every way a request fails, told by the API client. */
export class Failure extends Error {
  constructor(
    readonly kind: FailureKind,
    /** The server's machine code, or one of ours. */
    readonly code: string,
    readonly seconds = 0,
  ) {
    super(code);
  }
}

/** When a server that limits does not say for how long. */
const DEFAULT_WAIT_SECONDS = 30;
/** After this long, the other answer may have ended. */
const OTHER_ANSWER_SECONDS = 3;

/** Reads an answer that is not good; the code tells more than the status where there is one. */
export async function failureOf(response: Response): Promise<Failure> {
  const { status, headers } = response;
  const body: unknown = await response.json().catch(() => undefined);
  const { code = `http_${status}` } = Object(body) as { code?: unknown };
  const isSession = code === "session_token_invalid";
  const kinds: Record<number, FailureKind> = {
    401: isSession ? "session" : "setup",
    403: "setup",
    408: "server",
    // Another tab has an answer under way.
    409: "wait",
    429: "wait",
  };
  const kind = kinds[status] ?? (status < 500 ? "refused" : "server");
  const otherwise = status === 409 ? OTHER_ANSWER_SECONDS : DEFAULT_WAIT_SECONDS;
  const seconds = Math.ceil(Number(headers.get("retry-after"))) || otherwise;
  return new Failure(kind, String(code), seconds);
}
