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

interface Settable {
  headers: Record<string, string | number>;
}

/** The page as an answer. */
export function sendPage(set: Settable, page: Html): string {
  Object.assign(set.headers, PAGE_HEADERS);
  return page.toString();
}
