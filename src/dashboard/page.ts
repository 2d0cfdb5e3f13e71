import type { Html } from "./html.ts";

/** Nothing but our own files, no inline code or style, no frames; forms post to this server only. */
const PAGE_CSP = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
].join("; ");

export const PAGE_HEADERS = {
  "content-type": "text/html; charset=utf-8",
  "content-security-policy": PAGE_CSP,
} as const;

/** What a handler sets of its answer. */
export interface Settable {
  status?: number | string;
  headers: Record<string, string | number>;
}

/** The page as an answer. */
export function sendPage(set: Settable, page: Html): string {
  Object.assign(set.headers, PAGE_HEADERS);
  return page.toString();
}

/** Sends the browser on to another page, which it asks for with GET (RFC 9110, section 15.4.4). */
export function seeOther(set: Settable, location: string): string {
  set.status = 303;
  set.headers.location = location;
  return "";
}
