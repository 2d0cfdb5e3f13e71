import { Elysia } from "elysia";

/** A client that takes no byte of an answer for this long is cut off. A stream has a bound of its own. */
export const STALLED_READER_SECONDS = 30;

/**
 * A connection may lie idle for longer than an answer may lie unread, and Bun has one time-out for both.
 * This hook runs once an answer has been handed over: what was sent in one go is over by then, and its
 * connection keeps the long time-out; where something is left, the client is slow.
 */
export function cutOffSlowReaders() {
  return new Elysia({ name: "slow-readers" }).onAfterResponse(
    { as: "global" },
    ({ request, server, responseValue }) => {
      if (!(responseValue instanceof Response)) server?.timeout(request, STALLED_READER_SECONDS);
    },
  );
}
