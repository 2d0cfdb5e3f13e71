import { Elysia } from "elysia";

/** A client that reads no byte of an answer for this long is cut off. Streams have a bound of their own. */
export const STALLED_READER_SECONDS = 30;

/**
 * Cuts off clients that do not read their answer. A connection may be idle for longer than an answer may remain
 * unread, but Bun has one time-out for both. This hook runs after the answer is handed over. By then, a small
 * answer is sent completely and its connection keeps the long time-out. If something is left, the client is slow.
 */
export function cutOffSlowReaders() {
  return new Elysia({ name: "slow-readers" }).onAfterResponse(
    { as: "global" },
    ({ request, server, responseValue }) => {
      if (!(responseValue instanceof Response)) server?.timeout(request, STALLED_READER_SECONDS);
    },
  );
}
