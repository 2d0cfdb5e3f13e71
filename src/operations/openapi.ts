import { toOpenAPISchema } from "@elysiajs/openapi/openapi";
import { type AnyElysia, Elysia, t } from "elysia";

import type { ServerSettings } from "../config/server.ts";
import { API_ERRORS } from "../errors.ts";
import { RESPONSE_HEADERS } from "../http/documented-headers.ts";
import { documented } from "../http/documented.ts";
import { KEY_HEADERS } from "../http/key-headers.ts";
import { VERSION } from "../runtime/version.ts";
import { nameSchemas } from "./named-schemas.ts";

/**
 * The OpenAPI 3.1 document of the app's routes. Its server is the public address or, when that is not set,
 * `/`, the server that the document came from. It is never an address inside the owner's network, and never
 * one from a request.
 */
export function buildOpenApi(
  app: AnyElysia,
  { publicUrl = "/" }: Pick<ServerSettings, "publicUrl">,
) {
  const { paths } = toOpenAPISchema(app, { methods: ["options"], staticFile: false });
  for (const path of Object.values(paths)) relaxOptionalBodies(path?.post);
  const { part, schemas } = nameSchemas({ paths, error: ERROR_SCHEMA });
  return {
    openapi: "3.1.0",
    info: {
      title: "chatporch",
      version: VERSION,
      description: "Chat for websites: answers for visitors, conversations for the owner.",
      license: { name: "MIT", identifier: "MIT" },
    },
    servers: [{ url: publicUrl }],
    tags: [
      { name: "chat", description: "Questions and answers" },
      { name: "sessions", description: "What belongs to one visitor" },
      { name: "admin", description: "What the owner reads" },
      { name: "assets", description: "What a browser loads" },
      { name: "operations", description: "For those who run the server" },
    ],
    paths: part.paths,
    components: { schemas, headers: RESPONSE_HEADERS, securitySchemes: SECURITY_SCHEMES },
  };
}

/** The generator marks every body as required, even when none of its fields is. */
function relaxOptionalBodies(operation: { requestBody?: unknown } | undefined): void {
  const body = operation?.requestBody;
  if (typeof body !== "object" || body === null || !("content" in body)) return;
  const isNeeded = JSON.stringify(body.content).includes('"required"');
  Object.assign(body, { required: isNeeded });
}

const ERROR_SCHEMA = {
  title: "Error",
  type: "object",
  required: ["error", "code", "requestId"],
  properties: {
    error: { type: "string", description: "A sentence for people" },
    sentence: { type: "string", description: "The same, where the owner has written it" },
    code: {
      title: "ErrorCode",
      type: "string",
      enum: Object.keys(API_ERRORS),
      description: "For programs. Later versions may have more.",
    },
    requestId: { type: "string", description: "The same as X-Request-Id, for the owner's log" },
    details: {
      type: "array",
      items: {
        title: "ErrorDetail",
        type: "object",
        required: ["path", "message"],
        properties: {
          path: { type: "string", description: "A JSON pointer to what is wrong" },
          message: { type: "string" },
        },
      },
    },
    challenge: {
      title: "ProofChallenge",
      type: "object",
      description: "With proof_required: what to solve, and to send as x-proof",
      required: ["token", "algorithm", "parts", "bits", "expiresAt"],
      properties: {
        token: { type: "string" },
        algorithm: { type: "string", const: "SHA-256" },
        parts: { type: "integer", description: "How many numbers are to be found" },
        bits: { type: "integer", description: "The zero bits that each hash begins with" },
        expiresAt: {
          type: "integer",
          format: "int64",
          description: "milliseconds since the epoch",
        },
      },
    },
  },
};

const HEADER_SCHEMES = Object.values(KEY_HEADERS)
  .flat()
  .map(({ scheme, name, description }) => [
    scheme,
    { type: "apiKey", in: "header", name, description },
  ]);

const SECURITY_SCHEMES = {
  ...Object.fromEntries(HEADER_SCHEMES),
  bearer: { type: "http", scheme: "bearer", description: "Any of the keys, for what it opens" },
};

/** Serves the document. It is built at the first request, because most servers never get one. */
export function openApiRoute(app: () => AnyElysia, server: Pick<ServerSettings, "publicUrl">) {
  let document: ReturnType<typeof buildOpenApi> | undefined;
  return new Elysia({ name: "openapi" }).get(
    "/v1/openapi.json",
    () => {
      document ??= buildOpenApi(app(), server);
      return document;
    },
    {
      detail: documented({
        operationId: "getOpenApi",
        summary: "This document",
        tag: "operations",
        responses: {
          200: {
            description: "OpenAPI 3.1",
            content: {
              "application/json": t.Object(
                {},
                { title: "OpenApiDocument", additionalProperties: true },
              ),
            },
          },
        },
        errors: ["rate_limited"],
      }),
    },
  );
}
