import { describe, expect, test } from "bun:test";

import fc from "fast-check";

import { createMethodLookup } from "../../src/http/route-methods.ts";

const ROUTES = [
  { method: "OPTIONS", path: "/*" },
  { method: "GET", path: "/" },
  { method: "GET", path: "/health" },
  { method: "POST", path: "/v1/chat" },
  { method: "GET", path: "/v1/items/:id" },
  { method: "DELETE", path: "/v1/items/:id" },
  { method: "GET", path: "/v1/items/export" },
  { method: "POST", path: "/v1/items/:id/stop" },
  { method: "GET", path: "/v1/openapi.json" },
];
const methodsOf = createMethodLookup(ROUTES);

describe("the methods of a path", () => {
  test.each([
    ["/", ["GET", "HEAD", "OPTIONS"]],
    ["/health", ["GET", "HEAD", "OPTIONS"]],
    ["/health/", ["GET", "HEAD", "OPTIONS"]],
    ["/v1/chat", ["OPTIONS", "POST"]],
    ["/v1/items/7", ["DELETE", "GET", "HEAD", "OPTIONS"]],
    ["/v1/items/a%2Fb", ["DELETE", "GET", "HEAD", "OPTIONS"]],
    ["/v1/items/export", ["DELETE", "GET", "HEAD", "OPTIONS"]],
    ["/v1/items/7/stop", ["OPTIONS", "POST"]],
  ])("%s answers %j", (path, methods) => {
    expect([...methodsOf(path)].toSorted()).toEqual(methods);
  });

  test("are each named once", () => {
    const methods = methodsOf("/v1/items/export");
    expect(new Set(methods).size).toBe(methods.length);
  });
});

describe("no route is found at", () => {
  test.each([
    "",
    "//",
    "/*",
    "/healthy",
    "/health/deep",
    "/Health",
    "//health",
    "/v1/items",
    "/v1/items/",
    "/v1/items/7/8",
    "/v1/items//stop",
    "/v1/openapiXjson",
    "/prefix/v1/chat",
    "health",
  ])("%j", (path) => {
    expect(methodsOf(path)).toEqual([]);
  });

  test("any path of an app without routes", () => {
    expect(createMethodLookup([])("/health")).toEqual([]);
  });
});

test("characters that mean something in a pattern mean themselves in a path", () => {
  const path = fc.string({ unit: fc.constantFrom(..."ab.+()[]{}^$|\\?") });
  fc.assert(
    fc.property(path, path, (one, other) => {
      const lookup = createMethodLookup([{ method: "POST", path: `/${one}` }]);
      expect(lookup(`/${one}`)).toEqual(["POST", "OPTIONS"]);
      if (one !== other) expect(lookup(`/${other}`)).toEqual([]);
    }),
  );
});
