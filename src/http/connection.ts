/** A request and the server that received it, to set the time-out of its socket. In-process there is no server. */
export interface Connection {
  readonly request: Request;
  readonly server: { timeout(request: Request, seconds: number): void } | null;
}

/**
 * How long a connection may be idle between two requests. Load balancers keep connections for 60 s, and answer
 * 502 if the server closes one just as they use it.
 */
export const IDLE_TIMEOUT_SECONDS = 75;

/**
 * Gives an answer on a connection without an idle time-out. The model may be silent for long; the model's own
 * deadlines apply instead (contract section 2).
 */
export function neverTimeOut<T>(connection: Connection, answer: (onEnd: () => void) => T): T {
  return timeOutAfter(connection, 0, answer);
}

/**
 * Gives an answer on a connection that is cut off after so many seconds without a byte; 0 means never. The
 * setting stays with the connection, so the answer must call `onEnd` when it is over, however it ended. That
 * restores the usual time-out for the next request.
 */
export function timeOutAfter<T>(
  { request, server }: Connection,
  seconds: number,
  answer: (onEnd: () => void) => T,
): T {
  server?.timeout(request, seconds);
  return answer(() => {
    if (!request.signal.aborted) server?.timeout(request, IDLE_TIMEOUT_SECONDS);
  });
}
