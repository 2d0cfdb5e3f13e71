/** A route of the app, with its path as it was written: `/v1/chat/stream/:turnId`. */
export interface Route {
  readonly method: string;
  readonly path: string;
}

/** The pattern of the route that a path belongs to; undefined where there is nothing. */
export type PatternLookup = (path: string) => string | undefined;

/**
 * Finds the route of a path, whatever the method and whoever refused the request: a name for it that
 * comes from a short list, and tells no id.
 */
export function createPatternLookup(routes: readonly Route[]): PatternLookup {
  // The CORS plugin answers OPTIONS everywhere, which says nothing about what is there.
  const patterns = new Set(
    routes.filter(({ method }) => method !== "OPTIONS").map(({ path }) => path),
  );
  const withParameters = [...patterns]
    .filter((pattern) => pattern.includes(":"))
    .map((pattern) => ({ pattern, expression: toExpression(pattern) }));
  return (path) => {
    if (patterns.has(path)) return path;
    const found = withParameters.find(({ expression }) => expression.test(path));
    if (found) return found.pattern;
    const withoutSlash = path.slice(0, -1);
    return path.endsWith("/") && patterns.has(withoutSlash) ? withoutSlash : undefined;
  };
}

/** Matches the paths of a route as the router does, with and without a slash at the end. */
export function toExpression(pattern: string): RegExp {
  if (pattern === "/") return /^\/$/;
  const escaped = pattern.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
  return new RegExp(`^${escaped.replaceAll(/:[^/]+/g, "[^/]+")}/?$`);
}
