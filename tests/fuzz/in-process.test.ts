import { expect, setDefaultTimeout, test } from "bun:test";

import fc from "fast-check";

import { judge, judgeConcurrent } from "./oracle/oracle.ts";
import { requestsTo } from "./requests/requests.ts";
import { REQUESTS, TIMEOUT_MS } from "./settings.ts";
import { World } from "./world.ts";

setDefaultTimeout(TIMEOUT_MS);

/** The parts of all requests that are sent in process; the rest goes over a socket. */
const ONE_BY_ONE = Math.ceil(REQUESTS * 0.83);
const NEAR_THE_LIMIT = Math.ceil(REQUESTS * 0.05);
const AT_ONCE = Math.ceil(REQUESTS * 0.05);

/** This many requests get every kind of answer, whatever the seed. */
const MANY = 20_000;
const STATUSES = [200, 204, 303, 400, 401, 403, 404, 405, 413, 415, 422, 502, 503, 504];

test("whatever is requested, the answer is one that the contract allows", async () => {
  const world = await World.create({ maxRequests: 100_000 });
  await fc.assert(
    fc.asyncProperty(requestsTo(world.contract.routes), async (recipe) => {
      expect(judge(await world.send(recipe), world.contract)).toEqual([]);
    }),
    { numRuns: ONE_BY_ONE },
  );
  expect(await world.unexplainedTurns()).toEqual([]);
  const missing = STATUSES.filter((status) => !world.statuses.has(status));
  if (ONE_BY_ONE >= MANY) expect(missing).toEqual([]);
  await world.close();
});

test("near the rate limit, requests over it are refused, and all other answers stay the same", async () => {
  const world = await World.create({ maxRequests: 5, requestEveryMs: 3000 });
  await fc.assert(
    fc.asyncProperty(requestsTo(world.contract.routes), async (recipe) => {
      expect(judge(await world.send(recipe), world.contract)).toEqual([]);
    }),
    { numRuns: NEAR_THE_LIMIT },
  );
  if (NEAR_THE_LIMIT >= 100) expect(world.statuses.get(429)).toBeGreaterThan(0);
  await world.close();
});

test("many requests at once are answered as each of them would be alone", async () => {
  const world = await World.create({ maxRequests: 100_000 });
  // A logout would end the session of the others.
  const routes = world.contract.routes.filter(({ path }) => !/\/log(?:in|out)$/.test(path));
  const crowd = fc.array(requestsTo(routes), { minLength: 4, maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(crowd, async (recipes) => {
      for (const exchange of await world.sendTogether(recipes)) {
        expect(judgeConcurrent(exchange, world.contract)).toEqual([]);
      }
    }),
    { numRuns: Math.ceil(AT_ONCE / 4) },
  );
  expect(await world.unexplainedTurns()).toEqual([]);
  if (AT_ONCE >= 1000) expect(world.statuses.get(409)).toBeGreaterThan(0);
  await world.close();
});
