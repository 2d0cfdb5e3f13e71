import { type Route, toExpression } from "./route-pattern.ts";

/** Returns the methods of a path. Empty if no route has the path. */
export type MethodLookup = (path: string) => readonly string[];

/** Needed for 405 and its Allow header, which Elysia does not support. */
export function createMethodLookup(routes: readonly Route[]): MethodLookup {
  const patterns = routes
    // The CORS plugin answers OPTIONS on every path, so OPTIONS does not show that a route exists.
    .filter(({ method }) => method !== "OPTIONS")
    .map(({ method, path }) => ({ method, pattern: toExpression(path) }));
  return (path) => {
    const methods = patterns
      .filter(({ pattern }) => pattern.test(path))
      .map(({ method }) => method);
    if (methods.length === 0) return [];
    const withHead = methods.includes("GET") ? ["HEAD"] : [];
    return [...new Set([...methods, ...withHead, "OPTIONS"])];
  };
}
