import { toOpenAPISchema } from "@elysiajs/openapi/openapi";
import { type AnyElysia, Elysia } from "elysia";

import type { Config } from "./config/config.ts";
import { localUrl } from "./config/server.ts";
import { API_ERRORS } from "./errors.ts";
import { documented } from "./http/documented.ts";
import { VERSION } from "./version.ts";

type PublicAddress = Pick<Config, "publicUrl" | "host" | "port">;

/** The OpenAPI 3.1 document of the app's routes. Its server comes from the settings, never a request. */
export function buildOpenApi(app: AnyElysia, config: PublicAddress) {
  const { paths } = toOpenAPISchema(app, { methods: ["options"], staticFile: false });
  for (const path of Object.values(paths)) relaxOptionalBodies(path?.post);
  return {
    openapi: "3.1.0",
    info: {
      title: "chatporch",
      version: VERSION,
      description: "Chat for websites: answers for visitors, conversations for the owner.",
      license: { name: "MIT", identifier: "MIT" },
    },
    servers: [{ url: config.publicUrl ?? localUrl(config.host, config.port) }],
    tags: [
      { name: "chat", description: "Questions and answers" },
      { name: "sessions", description: "What belongs to one visitor" },
      { name: "admin", description: "What the owner reads" },
      { name: "assets", description: "What a browser loads" },
      { name: "operations", description: "For whoever runs the server" },
    ],
    paths,
    components: { schemas: { Error: ERROR_SCHEMA }, securitySchemes: SECURITY_SCHEMES },
  };
}

/** The generator says of every body that it is required, also where nothing in it is. */
function relaxOptionalBodies(operation: { requestBody?: unknown } | undefined): void {
  const body = operation?.requestBody;
  if (typeof body !== "object" || body === null || !("content" in body)) return;
  const isNeeded = JSON.stringify(body.content).includes('"required"');
  Object.assign(body, { required: isNeeded });
}

const ERROR_SCHEMA = {
  type: "object",
  required: ["error", "code", "requestId"],
  properties: {
    error: { type: "string", description: "A sentence for people" },
    code: { type: "string", enum: Object.keys(API_ERRORS), description: "For programs" },
    requestId: { type: "string", description: "The same as X-Request-Id, for the owner's log" },
    details: {
      type: "array",
      items: {
        type: "object",
        required: ["path", "message"],
        properties: { path: { type: "string" }, message: { type: "string" } },
      },
    },
  },
};

const SECURITY_SCHEMES = {
  widgetKey: { type: "apiKey", in: "header", name: "x-api-key" },
  widgetKeyAlternative: { type: "apiKey", in: "header", name: "x-widget-api-key" },
  adminKey: { type: "apiKey", in: "header", name: "x-admin-api-key" },
  metricsKey: { type: "apiKey", in: "header", name: "x-metrics-key" },
  bearer: { type: "http", scheme: "bearer", description: "Any of the keys, for what it opens" },
};

/** Serves the document, built at the first request: most servers are never asked for it. */
export function openApiRoute(app: () => AnyElysia, config: PublicAddress) {
  let document: ReturnType<typeof buildOpenApi> | undefined;
  return new Elysia({ name: "openapi" }).get(
    "/v1/openapi.json",
    () => {
      document ??= buildOpenApi(app(), config);
      return document;
    },
    {
      detail: documented({
        summary: "This document",
        tag: "operations",
        responses: { 200: { description: "OpenAPI 3.1" } },
        errors: ["rate_limited"],
      }),
    },
  );
}
