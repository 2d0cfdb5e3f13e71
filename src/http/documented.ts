import type { TSchema } from "elysia";

import { type ErrorCode, PUBLIC_ERRORS } from "../errors.ts";

type GuardedBy = "widget" | "admin" | "metrics";

interface Documentation {
  readonly summary: string;
  readonly description?: string;
  readonly tag: "chat" | "sessions" | "admin" | "assets" | "operations";
  /** Which key the route asks for; none when it is open. */
  readonly security?: GuardedBy;
  readonly responses: Readonly<Record<number, ResponseDocumentation>>;
  /** Besides those that every route can answer. */
  readonly errors: readonly ErrorCode[];
}

interface ResponseDocumentation {
  readonly description: string;
  readonly content?: Readonly<Record<string, TSchema>>;
}

/** The names of the security schemes in the OpenAPI document. */
const SECURITY = {
  widget: [{ widgetKey: [] }, { widgetKeyAlternative: [] }, { bearer: [] }],
  admin: [{ adminKey: [] }, { bearer: [] }],
  metrics: [{ metricsKey: [] }, { bearer: [] }],
};

const ERRORS_OF_EVERY_ROUTE: readonly ErrorCode[] = ["origin_not_allowed", "internal_error"];
const ERRORS_BY_KEY: Readonly<Record<GuardedBy, readonly ErrorCode[]>> = {
  widget: ["rate_limited", "body_too_large", "overloaded", "unauthorized"],
  admin: ["rate_limited", "body_too_large", "overloaded", "unauthorized", "admin_disabled"],
  metrics: ["rate_limited", "body_too_large", "unauthorized"],
};

/**
 * The `detail` of a route for the OpenAPI document. Responses are described here and not as response
 * schemas, which Elysia would check again on every answer.
 */
export function documented(route: Documentation) {
  const keyErrors = route.security ? ERRORS_BY_KEY[route.security] : [];
  const errors = [...route.errors, ...keyErrors, ...ERRORS_OF_EVERY_ROUTE];
  const responses = Object.entries(route.responses).map(([status, response]) => [
    status,
    { description: response.description, ...describeContent(response.content) },
  ]);
  return {
    summary: route.summary,
    ...(route.description ? { description: route.description } : {}),
    tags: [route.tag],
    security: route.security ? SECURITY[route.security] : [],
    responses: { ...Object.fromEntries(responses), ...errorResponses(errors) },
  };
}

function describeContent(content: ResponseDocumentation["content"]) {
  if (content === undefined) return {};
  const entries = Object.entries(content).map(([mediaType, schema]) => [mediaType, { schema }]);
  return { content: Object.fromEntries(entries) };
}

/** One response a status; its description lists the codes it can carry. */
function errorResponses(codes: readonly ErrorCode[]) {
  const byStatus = new Map<number, ErrorCode[]>();
  for (const code of codes) {
    const { status } = PUBLIC_ERRORS[code];
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  const responses = Array.from(byStatus, ([status, statusCodes]) => {
    const description = statusCodes
      .map((code) => `\`${code}\`: ${PUBLIC_ERRORS[code].message}`)
      .join("\n\n");
    const schema = { $ref: "#/components/schemas/Error" };
    return [status, { description, content: { "application/json": { schema } } }];
  });
  return Object.fromEntries(responses);
}
