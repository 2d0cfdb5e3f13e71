/** A route of the app, with its path as declared: `/v1/chat/stream/:turnId`. */
export interface Route {
  readonly method: string;
  readonly path: string;
}

/** Returns the pattern of the route for a path, or undefined if there is none. */
export type PatternLookup = (path: string) => string | undefined;

/**
 * Finds the route of a path for any method, even if the request was refused. Patterns come from a short list and
 * contain no ids, so they are suitable as metric labels.
 */
export function createPatternLookup(routes: readonly Route[]): PatternLookup {
  // The CORS plugin answers OPTIONS on every path, so OPTIONS does not show that a route exists.
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

/** Matches the paths of a route as the router does, with and without a trailing slash. */
export function toExpression(pattern: string): RegExp {
  if (pattern === "/") return /^\/$/;
  const escaped = pattern.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
  return new RegExp(`^${escaped.replaceAll(/:[^/]+/g, "[^/]+")}/?$`);
}
