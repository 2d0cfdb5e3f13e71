import { REQUEST_ID, SECURITY_HEADERS } from "../../support/answers.ts";
import { PAGE_CSP } from "../../support/dashboard-requests.ts";
import type { Exchange } from "../exchange.ts";
import { isAllowedOrigin, isDashboard, isForAll } from "./contract.ts";

const {
  "cache-control": NO_STORE = "",
  "content-security-policy": DATA_CSP = "",
  "cross-origin-resource-policy": OWN_PAGES = "",
  ...CONSTANT
} = SECURITY_HEADERS;
const SAME_EVERYWHERE = {
  ...CONSTANT,
  "strict-transport-security": "max-age=31536000; includeSubDomains",
};
const RATE_LIMIT = /^"(?:chat|admin|login)";r=\d+;t=\d+$/;
const RATE_LIMIT_POLICY = /^"(?:chat|admin|login)";q=\d+;w=60$/;

/** Every header that an answer may have; a new one has to be reviewed and added here. */
const KNOWN_HEADERS = new Set([
  ...Object.keys(SECURITY_HEADERS),
  "strict-transport-security",
  "x-request-id",
  "x-session-token",
  "vary",
  "access-control-allow-origin",
  "access-control-allow-methods",
  "access-control-allow-headers",
  "access-control-expose-headers",
  "access-control-max-age",
  "ratelimit",
  "ratelimit-policy",
  "retry-after",
  "refresh",
  "allow",
  "location",
  "set-cookie",
  "etag",
  "content-type",
  "content-length",
  "content-encoding",
  "content-disposition",
  "x-accel-buffering",
  // Bun adds these below the app.
  "connection",
  "date",
  "transfer-encoding",
]);

/** Problems with the headers that contract section 3 requires of every answer, a sentence each. */
export function headerProblems({ sent, answer }: Exchange): string[] {
  const { status, headers } = answer;
  const problems = alwaysProblems(headers);
  const expected = cacheControl(sent.path, status, headers);
  const found = headers.get("cache-control");
  if (found !== expected) problems.push(`has cache-control: ${found} and not ${expected}`);
  const loadedBy = isForAllSites(sent.path, status) ? "cross-origin" : OWN_PAGES;
  const policy = headers.get("cross-origin-resource-policy");
  if (policy !== loadedBy) problems.push(`may be loaded by ${policy} and not ${loadedBy}`);
  return [...problems, ...corsProblems({ sent, answer })];
}

/** The problems that do not depend on the request. */
export function alwaysProblems(headers: Headers): string[] {
  const problems: string[] = [];
  for (const [name, value] of headers) {
    if (!KNOWN_HEADERS.has(name)) problems.push(`has the unknown header ${name}: ${value}`);
  }
  for (const [name, value] of Object.entries(SAME_EVERYWHERE)) {
    const found = headers.get(name);
    if (found !== value) problems.push(`has ${name}: ${found} and not ${value}`);
  }
  const policy = headers.get("content-security-policy");
  if (policy !== contentSecurityPolicy(headers)) problems.push(`has the policy ${policy}`);
  if (!REQUEST_ID.test(headers.get("x-request-id") ?? "")) problems.push("has no request id");
  const rateLimit = headers.get("ratelimit");
  if (rateLimit !== null && !RATE_LIMIT.test(rateLimit)) problems.push("has an odd RateLimit");
  const limits = headers.get("ratelimit-policy");
  if (limits !== null && !RATE_LIMIT_POLICY.test(limits)) problems.push("has odd limits");
  return problems;
}

function isGood(status: number): boolean {
  return status === 200 || status === 304;
}

function isWidget(path: string, status: number): boolean {
  return isGood(status) && path.startsWith("/widget/");
}

function isForAllSites(path: string, status: number): boolean {
  return isWidget(path, status) || (isGood(status) && /^\/health\/?$/.test(path));
}

function cacheControl(path: string, status: number, headers: Headers): string {
  if (isWidget(path, status)) {
    if (/^\/widget\/settings\.json\/?$/.test(path)) return "public, max-age=60";
    // A panel of another version is answered with the newest one, for five minutes.
    const hasHash = /\.[0-9a-f]{16}\.js/.test(path) || headers.get("etag")?.includes(hashOf(path));
    return hasHash ? "public, max-age=31536000, immutable" : "public, max-age=300";
  }
  if (isGood(status) && path.startsWith("/dashboard/assets/"))
    return "public, max-age=31536000, immutable";
  return headers.has("x-accel-buffering") ? "no-store, no-transform" : NO_STORE;
}

/** The hash in the name of a panel. */
function hashOf(path: string): string {
  return /^\/widget\/panel\/([0-9a-f]{16})\.js/.exec(path)?.[1] ?? "none";
}

function contentSecurityPolicy(headers: Headers): string {
  const isPage = headers.get("content-type")?.startsWith("text/html") === true;
  return isPage ? PAGE_CSP : DATA_CSP;
}

/** Allow-Origin lets a page read an answer: allowed origins get it, and no others, save for what is for all. */
function corsProblems({ sent, answer }: Pick<Exchange, "sent" | "answer">): string[] {
  const origin = sent.headers.get("origin");
  const isAllowed = origin !== null && isAllowedOrigin(origin, sent.path, sent.host);
  const found = answer.headers.get("access-control-allow-origin");
  const problems: string[] = [];
  const isOpen = isForAll(sent.path) && sent.method !== "OPTIONS";
  const expected = isOpen ? "*" : isAllowed ? origin : null;
  if (found !== expected) problems.push(`allows the origin ${found}`);
  const varies = answer.headers.get("vary")?.includes("Origin") === true;
  if (!varies && !isOpen) problems.push("does not vary");
  if (answer.headers.has("set-cookie") && !isDashboard(sent.path)) problems.push("sets a cookie");
  return problems;
}
