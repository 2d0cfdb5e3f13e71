import type { Html } from "./html.ts";

/** Allows only our own files, no inline code or style and no frames. Forms post only to this server. */
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

/** The parts of an answer that a handler sets. */
export interface Settable {
  status?: number | string;
  headers: Record<string, string | number>;
}

/** Sets the headers of a page and returns its HTML. */
export function sendPage(set: Settable, page: Html): string {
  Object.assign(set.headers, PAGE_HEADERS);
  return page.toString();
}

/** Redirects the browser to another page, which it requests with GET (RFC 9110, section 15.4.4). */
export function seeOther(set: Settable, location: string): string {
  set.status = 303;
  set.headers.location = location;
  return "";
}
