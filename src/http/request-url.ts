import { Elysia } from "elysia";

/**
 * What balancers ask without a Host, over HTTP/1.0: HAProxy's check is `OPTIONS / HTTP/1.0` unless it is told
 * another path. Elsewhere a request without a Host is refused.
 */
const ASKED_WITHOUT_HOST = /^\/(?:health|ready)?(?:\?|$)/;
const NO_HOST = "http://localhost";

/** The alias of the stream: posted to, it is no root, also under PUBLIC_URL=https://example.com/chat. */
const ALIAS = "/chat";

/**
 * Settles which address is asked for before anything looks at a request, so that what is routed, limited,
 * checked and logged is one path. The base path is taken off, for a proxy that passes it on; a proxy that
 * takes it off itself is served alike.
 */
export function settleRequestUrl(basePath: string) {
  return new Elysia({ name: "request-url" }).wrap((handle, request) => {
    const { url } = request;
    const settled = settle(request, url, basePath);
    // The request itself stays: Bun knows its connection by it.
    if (settled !== url) Object.defineProperty(request, "url", { value: settled });
    return handle;
  });
}

function settle(request: Request, url: string, basePath: string): string {
  if (url.startsWith("/")) {
    // What is no host, such as `a b`, comes without one, too.
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
