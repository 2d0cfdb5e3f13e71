import { AppError } from "../errors.ts";
import { createSecretCheck } from "../http/api-keys.ts";

/** The name of the hidden field in every form of a session. */
export const FORM_TOKEN_FIELD = "formToken";

/**
 * Refuses a post that another site's page made the browser send. Over TLS and on localhost, browsers say so in
 * Sec-Fetch-Site. Before this check, http/cors has already refused a foreign Origin.
 * @throws AppError form_refused
 */
export function requireSameOrigin(request: Request): void {
  if (isSafe(request)) return;
  const site = request.headers.get("sec-fetch-site");
  // `none`: the owner repeated the post by reloading the page.
  if (site === null || site === "same-origin" || site === "none") return;
  throw new AppError("form_refused");
}

/**
 * Refuses a post without the form token of its session. Other sites cannot read that token.
 * @throws AppError form_refused
 */
export function requireFormToken(request: Request, body: unknown, formToken: string): void {
  if (isSafe(request)) return;
  const isToken = createSecretCheck([formToken]);
  const sent =
    typeof body === "object" && body !== null && FORM_TOKEN_FIELD in body
      ? body[FORM_TOKEN_FIELD]
      : undefined;
  if (typeof sent !== "string" || !isToken(sent)) throw new AppError("form_refused");
}

function isSafe({ method }: Request): boolean {
  return method === "GET" || method === "HEAD";
}
