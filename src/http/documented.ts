import type { TSchema } from "elysia";

import { type ErrorCode, PUBLIC_ERRORS } from "../errors.ts";
import { type HeaderName, headersNamed } from "./documented-headers.ts";
import { KEY_HEADERS, type KeyKind } from "./key-headers.ts";

interface Documentation {
  /** The name of the method in a client that is generated from the document. It never changes. */
  readonly operationId: string;
  readonly summary: string;
  readonly description?: string;
  readonly tag: "chat" | "sessions" | "admin" | "assets" | "operations";
  /** The key that the route requires. Missing: the route is open. */
  readonly security?: KeyKind;
  /** How the request's body is read: as JSON, or ignored. */
  readonly body?: "json" | "ignored";
  readonly responses: Readonly<Record<number, ResponseDocumentation>>;
  /** Errors in addition to those of every route. */
  readonly errors: readonly ErrorCode[];
}

interface ResponseDocumentation {
  readonly description: string;
  readonly content?: Readonly<Record<string, TSchema>>;
  /** Headers in addition to those that follow from the route. */
  readonly headers?: readonly HeaderName[];
}

const ERRORS_OF_EVERY_ROUTE: readonly ErrorCode[] = ["origin_not_allowed", "internal_error"];
const ERRORS_BY_KEY: Readonly<Record<KeyKind, readonly ErrorCode[]>> = {
  widget: ["rate_limited", "body_too_large", "overloaded", "unauthorized"],
  admin: ["rate_limited", "body_too_large", "overloaded", "unauthorized", "admin_disabled"],
  metrics: ["rate_limited", "body_too_large", "unauthorized"],
};

const ERRORS_BY_BODY: Readonly<Record<"json" | "ignored", readonly ErrorCode[]>> = {
  json: ["invalid_json", "unsupported_media_type", "request_timeout", "body_too_large"],
  ignored: ["request_timeout", "body_too_large"],
};

/**
 * The `detail` of a route for the OpenAPI document. Responses are described here because Elysia would check
 * response schemas on every answer.
 */
export function documented(route: Documentation) {
  const { operationId, summary, description, tag, security, body } = route;
  const errors = new Set<ErrorCode>([
    ...route.errors,
    ...(body ? ERRORS_BY_BODY[body] : []),
    ...(security ? ERRORS_BY_KEY[security] : []),
    ...ERRORS_OF_EVERY_ROUTE,
  ]);
  return {
    operationId,
    summary,
    ...(description ? { description } : {}),
    tags: [tag],
    security: security ? schemesOf(security) : [],
    responses: { ...goodResponses(route.responses, errors), ...errorResponses(errors) },
  };
}

/** The security schemes of the OpenAPI document for a kind of key. */
function schemesOf(kind: KeyKind) {
  return [...KEY_HEADERS[kind].map(({ scheme }) => ({ [scheme]: [] })), { bearer: [] }];
}

type ErrorCodes = ReadonlySet<ErrorCode>;

function goodResponses(responses: Documentation["responses"], errors: ErrorCodes) {
  const session = errors.has("session_token_invalid") ? (["X-Session-Token"] as const) : [];
  const described = Object.entries(responses).map(([status, { description, content, headers }]) => {
    const names = [...headersOfAll(errors), ...session, ...(headers ?? [])];
    return [status, { description, headers: headersNamed(names), ...describeContent(content) }];
  });
  return Object.fromEntries(described);
}

/** The headers of all responses of a route, including errors. */
function headersOfAll(errors: ErrorCodes): readonly HeaderName[] {
  return errors.has("rate_limited")
    ? ["X-Request-Id", "RateLimit", "RateLimit-Policy"]
    : ["X-Request-Id"];
}

function describeContent(content: ResponseDocumentation["content"]) {
  if (content === undefined) return {};
  const entries = Object.entries(content).map(([mediaType, schema]) => [mediaType, { schema }]);
  return { content: Object.fromEntries(entries) };
}

/** The errors that say when to try again. */
const WITH_RETRY_AFTER: readonly ErrorCode[] = [
  "rate_limited",
  "overloaded",
  "budget_reached",
  "share_reached",
  "store_unavailable",
];

/** One response per status. Its description lists the possible codes. */
function errorResponses(errors: ErrorCodes) {
  const statuses = new Set(Array.from(errors, (code) => PUBLIC_ERRORS[code].status));
  const responses = Array.from(statuses, (status) => {
    const codes = [...errors].filter((code) => PUBLIC_ERRORS[code].status === status);
    const description = codes
      .map((code) => `\`${code}\`: ${PUBLIC_ERRORS[code].message}`)
      .join("\n\n");
    const retry = codes.some((code) => WITH_RETRY_AFTER.includes(code));
    const names = [...headersOfAll(errors), ...(retry ? (["Retry-After"] as const) : [])];
    const schema = { $ref: "#/components/schemas/Error" };
    const content = { "application/json": { schema } };
    return [status, { description, headers: headersNamed(names), content }];
  });
  return Object.fromEntries(responses);
}
