import { describe, expect, test } from "bun:test";

import { hasPostgres, sharedPostgres } from "../../../harness/postgres.ts";
import { openPostgresStore } from "../../../src/store/postgres/open.ts";
import { DAY, reservation } from "../../support/reservations.ts";

/** What a reservation of the tests costs. */
const COST = 100;
/** Of the shared server: 400. A call is small beside a limit that has room for four times as many of them. */
const CALLS = 4 * 400 + 100;
const LIMIT = CALLS * COST;
const AT_ONCE = 24;

describe.if(hasPostgres)("replicas that set aside at once", () => {
  test("fill a limit to the last call, and do not pass it, also where they do not wait for each other at first", async () => {
    const url = await (await sharedPostgres()).createDatabase();
    const stores = [await openPostgresStore(url), await openPostgresStore(url)];
    let accepted = 0;
    await Promise.all(
      Array.from({ length: AT_ONCE }, async (_, index) => {
        const store = stores[index % stores.length]?.store;
        for (;;) {
          const refused = await store?.reserve(reservation({ perDay: LIMIT }));
          if (refused !== undefined) {
            expect(refused).toEqual({ by: "day", isForNow: true });
            return;
          }
          accepted += 1;
        }
      }),
    );
    expect(accepted).toBe(CALLS);
    const [day] = (await stores[0]?.store.spentIn([DAY])) ?? [];
    expect(day?.held.cost).toBe(LIMIT);
    await Promise.all(stores.map(({ store }) => store.close()));
  });
});
