/** What a route needs of the socket that a request came by; there is none in process. */
export interface Connection {
  readonly request: Request;
  readonly server: { timeout(request: Request, seconds: number): void } | null;
}

/**
 * How long a connection lies idle between two requests. Balancers keep theirs for 60 s, and answer 502
 * where the server closes one just as they use it.
 */
export const IDLE_TIMEOUT_SECONDS = 75;

/**
 * Gives an answer on a connection that is never cut off for its silence: a silent model is no reason,
 * and the deadlines are those of the model (contract section 2).
 */
export function neverTimeOut<T>(connection: Connection, answer: (onEnd: () => void) => T): T {
  return timeOutAfter(connection, 0, answer);
}

/**
 * Gives an answer on a connection that is cut off after so many seconds without a byte; 0 is never. The
 * setting outlives the answer, so the answer has to call `onEnd` when it is over, however it ended: that
 * puts the usual time-out back for the connection's next request.
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
