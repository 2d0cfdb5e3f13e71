import { Elysia, NotFoundError, ParseError, ValidationError } from "elysia";

import { AppError, type ErrorDetail, storeUnavailable } from "../errors.ts";
import type { Metrics } from "../metrics/metrics.ts";
import type { Logger } from "../runtime/logger.ts";
import { MINUTE_MS } from "../runtime/time.ts";
import { StoreUnavailableError } from "../store/unavailable.ts";
import { LineBudget } from "./line-budget.ts";
import { contextOf } from "./request-context.ts";
import { createMethodLookup, type MethodLookup } from "./route-methods.ts";
import type { Route } from "./route-pattern.ts";

interface ErrorHandlerDeps {
  readonly log: Logger;
  readonly metrics: Pick<Metrics, "overloadRefusals">;
  /** Every route of the finished app, to distinguish an unknown path from a wrong method. */
  readonly routes: () => readonly Route[];
  /** Makes a page of the error if a person will read it. */
  readonly errorPage: ErrorPage;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** Returns undefined if a program will read the error. */
export type ErrorPage = (
  error: AppError,
  request: Request,
) => { readonly body: string; readonly headers: Readonly<Record<string, string>> } | undefined;

/** Turns everything that is thrown into an answer of one shape. No other place does so. */
export function errorHandler({ log, metrics, routes, errorPage, now }: ErrorHandlerDeps) {
  /** While the database is away, every request fails for the same reason. */
  const outageLines = new LineBudget({ max: 1, windowMs: MINUTE_MS, now });
  let methodsOf: MethodLookup | undefined;
  function unrouted(path: string): AppError {
    methodsOf ??= createMethodLookup(routes());
    const methods = methodsOf(path);
    if (methods.length === 0) return new AppError("not_found");
    return new AppError("method_not_allowed", { headers: { allow: methods.join(", ") } });
  }

  return new Elysia({ name: "error-handler" }).onError(
    { as: "global" },
    ({ error, request, set }) => {
      const { id: requestId, path } = contextOf(request);
      const known = error instanceof NotFoundError ? unrouted(path) : toAppError(error);
      if (known.code === "internal_error") {
        log.error("request failed", { requestId, error: known.cause ?? error });
      }
      if (error instanceof StoreUnavailableError && outageLines.take()) {
        log.error("database unavailable: requests are refused", { requestId, error });
      }
      if (known.code === "overloaded") metrics.overloadRefusals.add(1, {});
      set.status = known.status;
      const page = errorPage(known, request);
      if (page) {
        Object.assign(set.headers, known.headers, page.headers);
        return page.body;
      }
      Object.assign(set.headers, known.headers, { "content-type": "application/json" });
      return errorBody(known, requestId);
    },
  );
}

/** The error shape of contract section 2. */
export function errorBody(error: AppError, requestId: string) {
  return {
    error: error.message,
    code: error.code,
    requestId,
    ...(error.details ? { details: error.details } : {}),
    ...error.body,
  };
}

function toAppError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  if (error instanceof ParseError) {
    // Elysia wraps errors from a parse hook. Our own errors from there are in `cause`.
    return error.cause instanceof AppError ? error.cause : new AppError("invalid_json");
  }
  if (error instanceof StoreUnavailableError) return storeUnavailable(error);
  if (error instanceof ValidationError) {
    return new AppError("invalid_request", { details: describeProblems(error) });
  }
  return new AppError("internal_error", { cause: error });
}

/** For a request with many faults, the first few are enough. */
const MAX_DETAILS = 8;

/**
 * Paths come from our schemas and messages from our own sentences. Neither repeats what was sent, not even the
 * name of an unexpected property.
 */
function describeProblems(error: ValidationError): ErrorDetail[] {
  const details: ErrorDetail[] = [];
  for (const problem of error.all) {
    if (details.length === MAX_DETAILS) break;
    const detail = describeProblem(problem);
    const isKnown = details.some(
      ({ path, message }) => path === detail.path && message === detail.message,
    );
    if (!isKnown) details.push(detail);
  }
  return details;
}

function describeProblem(problem: ValidationError["all"][number]): ErrorDetail {
  if (!("schema" in problem)) return { path: "", message: "is not valid" };
  const { path, message, schema } = problem;
  if (message.startsWith("Unexpected property")) {
    return { path: path.replace(/\/[^/]*$/, ""), message: "has a property that is not part of it" };
  }
  return { path, message: schema.description ?? message };
}
