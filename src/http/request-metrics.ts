import { Elysia } from "elysia";

import type { Metrics } from "../metrics/metrics.ts";
import { contextOf } from "./request-context.ts";
import { answeredStatus } from "./request-log.ts";
import { createPatternLookup, type PatternLookup, type Route } from "./route-pattern.ts";

interface RequestMetricsDeps {
  readonly metrics: Pick<Metrics, "httpRequests">;
  /** Every route of the finished app. */
  readonly routes: () => readonly Route[];
}

/** Clients can send any method, and every counted name stays in memory. */
const METHODS = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]);
const OTHER = "other";

/**
 * Counts every answer by route, method and status. A stream is counted when it begins. Preflights are not
 * counted, because the CORS plugin answers them before any hook runs.
 */
export function requestMetrics({ metrics, routes }: RequestMetricsDeps) {
  let patternOf: PatternLookup | undefined;
  return new Elysia({ name: "request-metrics" }).onAfterResponse(
    { as: "global" },
    ({ request, set, responseValue }) => {
      patternOf ??= createPatternLookup(routes());
      metrics.httpRequests.add(1, {
        route: patternOf(contextOf(request).path) ?? OTHER,
        method: METHODS.has(request.method) ? request.method : OTHER,
        status: String(answeredStatus(set, responseValue)),
      });
    },
  );
}
