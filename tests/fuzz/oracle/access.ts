import { API_ERRORS } from "../../../src/errors.ts";
import { MAX_BODY_BYTES } from "../../../src/http/read-body.ts";
import type { Exchange, Sent } from "../exchange.ts";
import {
  type Contract,
  guardOf,
  hasKey,
  isAllowedOrigin,
  isDashboard,
  responsesOf,
  type Route,
  routeFor,
  routesAt,
} from "./contract.ts";

/** Statuses of the dashboard, which is not part of the OpenAPI document. */
const DASHBOARD_STATUSES: Readonly<Record<string, readonly number[]>> = {
  GET: [200, 400, 404, 413],
  POST: [204, 303, 400, 401, 403, 404, 409, 413, 415],
};

/** A dashboard with a password has been claimed for good. */
const CLAIMED_STATUSES: Readonly<Record<string, readonly number[]>> = {
  GET: [410, 413],
  POST: [403, 410, 413],
};

/** The status must be one that the order of checks allows: origin, limit, size, key, shape (contract section 3). */
export function accessProblems({ sent, answer, tokens }: Exchange, contract: Contract): string[] {
  const { status } = answer;
  const allowed = allowedStatuses(sent, contract, tokens);
  const isLimit = status === API_ERRORS.rate_limited.status;
  if (allowed.includes(status) || (isLimit && mayBeLimited(sent, contract))) return [];
  return [`has the status ${status}, where ${allowed.join(", ")} would be right`];
}

function allowedStatuses(sent: Sent, contract: Contract, tokens: readonly string[]): number[] {
  const { method, path, headers } = sent;
  if (isRefusedOrigin(sent) || isFromElsewhere(sent)) return [403];
  // The origin check, the first one, answers preflights; their body, of any size, is not read.
  if (method === "OPTIONS") return [204];
  if (Number(headers.get("content-length") ?? 0) > MAX_BODY_BYTES) return [413];
  const route = routeFor(contract, method, path);
  if (route === undefined) return routesAt(contract, path).length > 0 ? [405] : [404];
  // The server does not read the body of a GET.
  const isTooLarge = route.method !== "GET" && (sent.body?.length ?? 0) > MAX_BODY_BYTES;
  const guard = guardOf(route.path);
  const documented = documentedStatuses(contract, route);
  if (guard === "none") return documented;
  // The key is checked before the body is read and before the request's shape is checked.
  if (guard !== "cookie") {
    if (!hasKey(guard, headers)) return [401];
    return isTooLarge ? [413] : documented;
  }
  const cookie = headers.get("cookie") ?? "";
  if (!tokens.some((token) => cookie.includes(token))) return [401];
  // The server may choose which of several cookies counts.
  return cookie.split("chatporch=").length > 2 ? [...documented, 401] : documented;
}

function isRefusedOrigin({ headers, path, host }: Sent): boolean {
  const origin = headers.get("origin");
  return origin !== null && !isAllowedOrigin(origin, path, host);
}

function documentedStatuses(contract: Contract, route: Route): number[] {
  const responses = responsesOf(contract, route);
  const ofPages = route.path === "/dashboard/claim" ? CLAIMED_STATUSES : DASHBOARD_STATUSES;
  if (responses === undefined) return [...(ofPages[route.method] ?? [])];
  const statuses = Object.keys(responses).map(Number);
  const byCondition = route.path.startsWith("/widget/") ? [304] : [];
  // A documented 500 would be a fault of the server.
  return [...statuses, ...byCondition].filter((status) => status !== 500);
}

/** True for requests that the limiter counts, in a world whose limit can be reached. */
function mayBeLimited(sent: Sent, contract: Contract): boolean {
  const { method, path } = sent;
  if (isRefusedOrigin(sent) || isFromElsewhere(sent) || method === "OPTIONS") return false;
  if (method === "POST" && /^\/dashboard\/(?:login|claim)\/?$/.test(path)) return true;
  if (!contract.isLimited) return false;
  return !isFree(path);
}

function isFree(path: string): boolean {
  return (
    /^\/(?:health|ready)?$/.test(path) ||
    path.startsWith("/widget/") ||
    path.startsWith("/dashboard/assets/")
  );
}

/** True for a request from another site's page, except calls of an allowed website and links that start nothing. */
function isFromElsewhere({ method, path, headers, query }: Sent): boolean {
  const site = headers.get("sec-fetch-site");
  if (site === null || site === "same-origin" || site === "none") return false;
  // A request that has an Origin is judged by it.
  if (headers.has("origin")) return false;
  if (method === "OPTIONS" || isFree(path)) return false;
  const mode = headers.get("sec-fetch-mode");
  const isLink =
    method === "GET" && mode === "navigate" && headers.get("sec-fetch-dest") === "document";
  if (isDashboard(path)) {
    return !isLink || query !== "" || /^\/dashboard\/(?:export|events)\/?$/.test(path);
  }
  const isOwners = /^\/(?:v1\/admin|metrics)(?:\/|$)/.test(path);
  return mode !== "cors" && (isOwners || !isLink);
}
