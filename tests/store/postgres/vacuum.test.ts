import { expect, test } from "bun:test";

import { Vacuum } from "../../../src/store/postgres/vacuum.ts";

test("erasures share a VACUUM, and those that come while one runs, and even fails, get another one", async () => {
  const [first, second] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const failure = Promise.withResolvers<never>();
  let runs = 0;
  const reserve = () => {
    runs += 1;
    (runs === 1 ? first : second).resolve();
    return failure.promise;
  };
  const vacuum = new Vacuum({ reserve }, 0);
  vacuum.request();
  vacuum.request();
  await first.promise;
  vacuum.request();
  vacuum.request();
  expect(runs).toBe(1);
  failure.reject(new Error("PostgreSQL is away."));
  await second.promise;
  vacuum.close();
  expect(runs).toBe(2);
});
