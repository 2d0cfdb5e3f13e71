import fc from "fast-check";

import { guardOf } from "../oracle/contract.ts";
import { bodiesFor } from "./bodies.ts";
import { headersOf } from "./headers.ts";
import { pathsOf } from "./paths.ts";
import { queriesOf } from "./queries.ts";
import type { Recipe } from "./recipe.ts";

interface Route {
  readonly method: string;
  readonly path: string;
}

const OTHER_METHODS = [
  "GET",
  "HEAD",
  "POST",
  "PUT",
  "PATCH",
  "DELETE",
  "OPTIONS",
  "PROPFIND",
  "QUERY",
  "FUZZ",
];

/** The routes where most can go wrong are requested this many times as often as the others. */
const ASKING = /^\/(?:v1\/)?chat(?:\/stream)?$/;
const ASKING_WEIGHT = 6;
/** These documents take a millisecond each and read nothing from a request: all others are requested more often. */
const HEAVY = /^\/(?:v1\/openapi\.json|metrics|dashboard\/?|widget\/.*|v1\/admin\/.*export)$/;
const LIGHT_WEIGHT = 3;

/** Requests to every route of the app: right ones, and others with any part wrong. */
export function requestsTo(routes: readonly Route[]): fc.Arbitrary<Recipe> {
  const perRoute = routes
    .filter(({ method }) => method !== "OPTIONS")
    .map((route) => ({ weight: weightOf(route.path), arbitrary: requestsToRoute(route) }));
  return fc.oneof(...perRoute);
}

function weightOf(path: string): number {
  if (ASKING.test(path)) return ASKING_WEIGHT * LIGHT_WEIGHT;
  return HEAVY.test(path) ? 1 : LIGHT_WEIGHT;
}

function requestsToRoute({ method, path: template }: Route): fc.Arbitrary<Recipe> {
  const parts = fc.tuple(
    fc.oneof(
      { weight: 10, arbitrary: fc.constant(method) },
      { weight: 1, arbitrary: fc.constantFrom(...OTHER_METHODS) },
    ),
    pathsOf(template),
    queriesOf(template),
    headersOf(template, guardOf(template)),
    bodiesFor(method, template),
  );
  return parts.map(([chosen, path, query, headers, { body, headers: more }]) => {
    return { method: chosen, path, query, headers: [...headers, ...more], body };
  });
}
