/** What a route needs of the socket that a request came by; there is none in process. */
export interface Connection {
  readonly request: Request;
  readonly server: { timeout(request: Request, seconds: number): void } | null;
}

/** A client that sends or takes nothing for this long is cut off, unless its route says otherwise. */
export const IDLE_TIMEOUT_SECONDS = 30;

/** A silent model is no reason to cut a client off: deadlines are those of the model (section 2). */
export function neverTimeOut(connection: Connection): () => void {
  return timeOutAfter(connection, 0);
}

/**
 * Cuts the client off after so many seconds without a byte, or never. The setting outlives the answer, so
 * what is returned puts it back for the connection's next request.
 */
export function timeOutAfter({ request, server }: Connection, seconds: number): () => void {
  server?.timeout(request, seconds);
  return () => {
    if (!request.signal.aborted) server?.timeout(request, IDLE_TIMEOUT_SECONDS);
  };
}
