import { Elysia } from "elysia";

/**
 * The paths that load balancers request without a Host, over HTTP/1.0. By default, HAProxy's check is
 * `OPTIONS / HTTP/1.0`. For other paths, a request without a Host is refused.
 */
const ASKED_WITHOUT_HOST = /^\/(?:health|ready)?(?:\?|$)/;
const NO_HOST = "http://localhost";

/** The alias of the stream. A post to it is not one to the root, even if the base path is `/chat` too. */
const ALIAS = "/chat";

/**
 * Determines the URL of a request before anything else reads it, so that routing, limits, checks and the log use
 * the same path. It removes the base path, which some proxies pass on and others remove themselves.
 */
export function settleRequestUrl(basePath: string) {
  return new Elysia({ name: "request-url" }).wrap((handle, request) => {
    const { url } = request;
    const settled = settle(request, url, basePath);
    // The request object stays the same, because Bun finds its connection by it.
    if (settled !== url) Object.defineProperty(request, "url", { value: settled });
    return handle;
  });
}

function settle(request: Request, url: string, basePath: string): string {
  if (url.startsWith("/")) {
    // The URL also lacks a host if the Host header is invalid, such as `a b`.
    if ((request.headers.get("host") ?? "") !== "") return url;
    const whole = withoutBasePath(request, NO_HOST + url, basePath);
    return ASKED_WITHOUT_HOST.test(whole.slice(NO_HOST.length)) ? whole : url;
  }
  return withoutBasePath(request, url, basePath);
}

function withoutBasePath({ method }: Request, url: string, basePath: string): string {
  if (basePath === "") return url;
  const start = url.indexOf("/", url.indexOf("://") + 3);
  if (!url.startsWith(basePath, start)) return url;
  const rest = url.slice(start + basePath.length);
  if (basePath === ALIAS && method === "POST" && /^\/?(?:\?|$)/.test(rest)) return url;
  const origin = url.slice(0, start);
  if (rest === "" || rest.startsWith("?")) return `${origin}/${rest}`;
  return rest.startsWith("/") ? origin + rest : url;
}
