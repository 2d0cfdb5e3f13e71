import { areaOf } from "./areas.ts";
import { parseIpAddress } from "./ip-address.ts";

/** An entry of CORS_ORIGIN: one exact origin, or every subdomain of a host. */
export type OriginPattern =
  | { readonly kind: "exact"; readonly origin: string }
  | { readonly kind: "subdomains"; readonly scheme: string; readonly suffix: string };

/**
 * Apps and browser extensions have their own schemes: `capacitor://localhost`, `tauri://localhost`,
 * `chrome-extension://<id>`. They are compared literally, without wildcards.
 */
const APP_ORIGIN = /^([a-z][a-z0-9+.-]*):\/\/[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?(?::\d{1,5})?$/i;
/** Web schemes, schemes whose pages have the origin `null`, and schemes that no page is loaded from. */
const NO_APP = /^(?:https?|wss?|ftp|file|data|blob|about|javascript|null)$/i;

/**
 * Reads `https://www.example.com`, `https://*.example.com` or the origin of an app. Undefined for anything
 * that a browser never sends as an Origin (a path, a trailing slash, no scheme), and for `null`, which every
 * website can send.
 */
export function parseOriginPattern(text: string): OriginPattern | undefined {
  const [, appScheme] = APP_ORIGIN.exec(text) ?? [];
  if (appScheme !== undefined && !NO_APP.test(appScheme)) {
    return { kind: "exact", origin: appScheme.toLowerCase() + text.slice(appScheme.length) };
  }
  const wildcard = /^(https?:\/\/)\*\.(.+)$/i.exec(text);
  const origin = toOrigin(wildcard ? `${wildcard[1]}${wildcard[2]}` : text);
  if (origin === undefined || !wildcard) return origin ? { kind: "exact", origin } : undefined;
  const [scheme = "", host = ""] = origin.split(/(?<=:\/\/)/);
  // A wildcard over a bare top-level name (https://*.com) would allow half of the web.
  return host.includes(".") ? { kind: "subdomains", scheme, suffix: `.${host}` } : undefined;
}

/** Whether the value of an Origin header is on the list. */
type OriginCheck = (origin: string) => boolean;

export function createOriginCheck(allowed: "*" | readonly OriginPattern[]): OriginCheck {
  if (allowed === "*") return () => true;
  const exact = new Set<string>();
  const subdomains: { scheme: string; suffix: string }[] = [];
  for (const pattern of allowed) {
    if (pattern.kind === "exact") exact.add(pattern.origin);
    else subdomains.push(pattern);
  }
  return (origin) =>
    exact.has(origin) ||
    subdomains.some(({ scheme, suffix }) => isSubdomain(origin, scheme, suffix));
}

/** All labels are checked, so `https://evil.com/.example.com` is not a subdomain of anything. */
function isSubdomain(origin: string, scheme: string, suffix: string): boolean {
  if (!origin.startsWith(scheme) || !origin.endsWith(suffix)) return false;
  const labels = origin.slice(scheme.length, -suffix.length);
  return /^[a-z0-9_-]+(\.[a-z0-9_-]+)*$/.test(labels);
}

/** A pattern as it is written in CORS_ORIGIN. */
export function originText(pattern: OriginPattern): string {
  return pattern.kind === "exact" ? pattern.origin : `${pattern.scheme}*${pattern.suffix}`;
}

/** Scheme, host and port as a browser writes them: lower case, punycode, no default port. */
function toOrigin(text: string): string | undefined {
  if (!/^https?:\/\/[^/?#@*\s\\]+$/i.test(text) || !URL.canParse(text)) return undefined;
  return new URL(text).origin;
}

/** Whether an Origin header names this server itself. */
type OwnOriginCheck = (origin: string, request: OriginRequest) => boolean;

interface OriginRequest {
  readonly path: string;
  readonly url: string;
}

interface OwnOrigin {
  readonly publicUrl: string | undefined;
  /** In development, `/` is a page with a chat. */
  readonly hasDemoPage: boolean;
}

/**
 * This server's own pages are those at PUBLIC_URL and, for the dashboard, those of the host that the
 * browser connected to. Only hosts are compared there: behind a proxy that ends TLS, the browser's
 * `https` arrives as `http`. A website that points its own name at this server (DNS rebinding) passes
 * too, but gains nothing: the browser sends the dashboard's cookie to the real name only, and every form
 * needs its token. The chat API has no cookie, so it accepts PUBLIC_URL only. For the demo page it also
 * accepts addresses and `localhost`, which no website can point at this server.
 */
export function createOwnOriginCheck({ publicUrl, hasDemoPage }: OwnOrigin): OwnOriginCheck {
  const publicOrigin = publicUrl === undefined ? undefined : new URL(publicUrl).origin;
  return (origin, { path, url }) => {
    if (origin === publicOrigin) return true;
    if (toOrigin(origin) !== origin) return false;
    const { host, hostname } = new URL(origin);
    const isPage = areaOf(path).isDashboard || (hasDemoPage && isFixed(hostname));
    return isPage && host === new URL(url).host;
  };
}

/** Whether the host is an address or `localhost`. */
function isFixed(hostname: string): boolean {
  if (/^(?:.+\.)?localhost$/.test(hostname)) return true;
  return parseIpAddress(hostname.replace(/^\[(.*)\]$/, "$1")) !== undefined;
}
