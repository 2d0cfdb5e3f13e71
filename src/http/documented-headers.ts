/** The response headers that clients can use, for the OpenAPI document. */
export const RESPONSE_HEADERS = {
  "X-Request-Id": {
    description: "The id of this request, also in the owner's log",
    schema: { type: "string", format: "uuid" },
  },
  RateLimit: {
    description: "What is left of the budget, and the seconds until it is full again",
    schema: { type: "string", examples: ['"chat";r=59;t=60'] },
  },
  "RateLimit-Policy": {
    description: "The budget: so many requests in a window of so many seconds",
    schema: { type: "string", examples: ['"chat";q=60;w=60'] },
  },
  "Retry-After": {
    description: "When to try again, in seconds; not sent with every code of this status",
    schema: { type: "integer" },
  },
  "X-Session-Token": {
    description: "The renewed token of a minted session, to be sent from now on",
    schema: { type: "string" },
  },
  ETag: {
    description: "In production, for If-None-Match",
    schema: { type: "string" },
  },
  "Content-Disposition": {
    description: "The name of the file",
    schema: { type: "string", examples: ['attachment; filename="chatporch-messages.csv"'] },
  },
} as const;

export type HeaderName = keyof typeof RESPONSE_HEADERS;

/** References to the named headers. */
export function headersNamed(names: readonly HeaderName[]) {
  return Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]));
}
