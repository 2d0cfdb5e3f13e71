import { Elysia } from "elysia";

import type { Logger } from "../runtime/logger.ts";
import { SECOND_MS } from "../runtime/time.ts";
import { LineBudget } from "./line-budget.ts";
import { isCounted } from "./rate-limit.ts";
import { contextOf } from "./request-context.ts";

/** Our own paths are shorter. Unknown paths can be longer and must not fill the log. */
const MAX_LOGGED_PATH_LENGTH = 300;
/** For requests that anybody can send as often as they like. Further requests are counted in one line. */
const MAX_LINES_A_SECOND = 100;

interface RequestLogDeps {
  readonly log: Logger;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** Logs one line per request, without the query, which can contain a session's id or a search. */
export function requestLog({ log, now }: RequestLogDeps) {
  const budget = new LineBudget({ max: MAX_LINES_A_SECOND, windowMs: SECOND_MS, now });
  let leftOut = 0;

  function leaveOut(): void {
    leftOut++;
    if (leftOut > 1) return;
    setTimeout(() => {
      log.info("requests without a line of their own", { requests: leftOut });
      leftOut = 0;
    }, SECOND_MS).unref();
  }

  return new Elysia({ name: "request-log" }).onAfterResponse(
    { as: "global" },
    ({ request, set, responseValue }) => {
      const { id, path, client, startedAt, turnId } = contextOf(request);
      const status = answeredStatus(set, responseValue);
      if (isCheap(request, Number(status)) && !budget.take()) return leaveOut();
      log.info("request", {
        requestId: id,
        turnId,
        method: request.method,
        path: path.slice(0, MAX_LOGGED_PATH_LENGTH),
        status,
        durationMs: Math.round(performance.now() - startedAt),
        client,
      });
    },
  );
}

/** Whether the request cost its client nothing: a refusal or an uncounted request. Turns and faults never are. */
function isCheap(request: Request, status: number): boolean {
  if (contextOf(request).turnId !== undefined) return false;
  const isRefusal = (status >= 400 && status < 500) || status === 503;
  return isRefusal || (status < 400 && !isCounted(request));
}

/** The status that the client received, for an after-response hook. */
export function answeredStatus(
  set: { readonly status?: number | string },
  responseValue: unknown,
): number | string {
  return responseValue instanceof Response ? responseValue.status : (set.status ?? 200);
}
