interface RefusalParts {
  /** How long the client is to wait, in seconds. */
  readonly retryAfter?: number | undefined;
  /** What the body has besides. */
  readonly body?: object;
}

/**
 * A refusal as the server writes it, which a test gives in the server's place.
 * @param origin of the page that may read it
 */
export function apiRefusal(
  origin: string,
  status: number,
  code: string,
  { retryAfter, body }: RefusalParts = {},
): Response {
  const headers = {
    "access-control-allow-origin": origin,
    "access-control-expose-headers": "Retry-After",
    ...(retryAfter !== undefined && { "retry-after": `${retryAfter}` }),
  };
  return Response.json({ error: "…", code, requestId: "r", ...body }, { status, headers });
}
