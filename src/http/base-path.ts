import { Elysia } from "elysia";

/** The address of a page or a file of this server, as a browser has to ask for it. */
export type Link = (path: string) => string;

/** @param basePath the path of PUBLIC_URL, under which everything stands; empty where there is none */
export function createLink(basePath: string): Link {
  return (path) => basePath + path;
}

/** The alias of the stream: posted to, it is no root, also under PUBLIC_URL=https://example.com/chat. */
const ALIAS = "/chat";

/**
 * Takes the base path off, for a proxy that passes it on; a proxy that takes it off itself needs the
 * same. It happens before anything looks at a request, so that what is routed, limited, checked and
 * logged is one path.
 */
export function takeOffBasePath(basePath: string) {
  const plugin = new Elysia({ name: "base-path" });
  if (basePath === "") return plugin;
  return plugin.wrap((handle, request) => {
    const url = withoutBasePath(request, basePath);
    // The request itself stays: Bun knows its connection by it.
    if (url !== request.url) Object.defineProperty(request, "url", { value: url });
    return handle;
  });
}

function withoutBasePath({ url, method }: Request, basePath: string): string {
  const start = url.indexOf("/", url.indexOf("://") + 3);
  if (!url.startsWith(basePath, start)) return url;
  const rest = url.slice(start + basePath.length);
  if (basePath === ALIAS && method === "POST" && /^\/?(?:\?|$)/.test(rest)) return url;
  const origin = url.slice(0, start);
  if (rest === "" || rest.startsWith("?")) return `${origin}/${rest}`;
  return rest.startsWith("/") ? origin + rest : url;
}
