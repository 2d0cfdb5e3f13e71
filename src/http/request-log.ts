import { Elysia } from "elysia";

import type { Logger } from "../logger.ts";
import { contextOf } from "./request-context.ts";

/** No address of ours is longer, and some that are nobody's are not limited: a log is not theirs to fill. */
const MAX_LOGGED_PATH_LENGTH = 300;

/** One line a request. The query is left out: it can hold a session's id or a search. */
export function requestLog(log: Logger) {
  return new Elysia({ name: "request-log" }).onAfterResponse(
    { as: "global" },
    ({ request, set, responseValue }) => {
      const { id, path, client, startedAt, turnId } = contextOf(request);
      log.info("request", {
        requestId: id,
        turnId,
        method: request.method,
        path: path.slice(0, MAX_LOGGED_PATH_LENGTH),
        status: answeredStatus(set, responseValue),
        durationMs: Math.round(performance.now() - startedAt),
        client,
      });
    },
  );
}

/** The status that the client got, as an after-response hook finds it. */
export function answeredStatus(
  set: { readonly status?: number | string },
  responseValue: unknown,
): number | string {
  return responseValue instanceof Response ? responseValue.status : (set.status ?? 200);
}
