import { expect, test } from "bun:test";

import { createPatternLookup } from "../../src/http/route-pattern.ts";

const patternOf = createPatternLookup([
  { method: "OPTIONS", path: "/*" },
  { method: "GET", path: "/" },
  { method: "GET", path: "/health" },
  { method: "GET", path: "/v1/items/:id" },
  { method: "DELETE", path: "/v1/items/:id" },
  { method: "GET", path: "/v1/items/export" },
  { method: "POST", path: "/v1/items/:id/stop" },
]);

test.each([
  ["/", "/"],
  ["/health", "/health"],
  ["/health/", "/health"],
  ["/v1/items/7", "/v1/items/:id"],
  ["/v1/items/7/", "/v1/items/:id"],
  ["/v1/items/a%2Fb", "/v1/items/:id"],
  ["/v1/items/export", "/v1/items/export"],
  ["/v1/items/7/stop", "/v1/items/:id/stop"],
])("the path %s belongs to the route %s", (path, pattern) => {
  expect(patternOf(path)).toBe(pattern);
});

test.each(["/nowhere", "/health//", "/HEALTH", "/v1/items", "/v1/items//stop", "", "/*"])(
  "the path %j belongs to no route",
  (path) => {
    expect(patternOf(path)).toBeUndefined();
  },
);
