/** What can be done about a request that did not work. */
export type FailureKind =
  /** No connection, or a connection that broke: what was sent may have arrived. */
  | "network"
  /** The server or something in front of it is in trouble; again in a moment, or after `seconds`. */
  | "server"
  /** Too many requests; again after `seconds`. */
  | "wait"
  /** The session is not valid any more, or its conversation too long; a new one is good. */
  | "session"
  /** Key, origin or address: only the owner of the page can change it. */
  | "setup"
  /** The server does not take this request, now or later. */
  | "refused";

/** Every way a request fails. Its message is the server's machine code, or one of ours. */
export class Failure extends Error {
  constructor(
    readonly kind: FailureKind,
    code: string,
    readonly seconds = 0,
  ) {
    super(code);
  }
}

/** When the server does not say for how long to wait: another tab's answer may have ended by then. */
const DEFAULT_WAIT_SECONDS = 3;

const KIND_OF: Readonly<Record<number, FailureKind>> = {
  401: "setup",
  403: "setup",
  // Another tab has an answer under way.
  409: "wait",
  429: "wait",
};

/** Reads an answer that is not good; the code tells more than the status where there is one. */
export async function failureOf(response: Response): Promise<Failure> {
  const { status, headers } = response;
  const body: unknown = await response.json().catch(() => undefined);
  const { code = `http_${status}` } = Object(body) as { code?: unknown };
  if (code === "session_token_invalid" || code === "conversation_full")
    return new Failure("session", code);
  const kind = KIND_OF[status] ?? (status < 500 ? "refused" : "server");
  const seconds = Number(headers.get("retry-after")) || (status < 500 ? DEFAULT_WAIT_SECONDS : 0);
  return new Failure(kind, typeof code === "string" ? code : kind, seconds);
}
