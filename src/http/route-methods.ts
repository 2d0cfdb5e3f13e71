import { type Route, toExpression } from "./route-pattern.ts";

/** The methods that a path answers; none when there is nothing at the path. */
export type MethodLookup = (path: string) => readonly string[];

/** For 405 and its Allow header, which Elysia does not know. */
export function createMethodLookup(routes: readonly Route[]): MethodLookup {
  const patterns = routes
    // The CORS plugin answers OPTIONS everywhere, which says nothing about what is there.
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
