import { expect, test } from "bun:test";

import { hasPostgres } from "../../../harness/postgres.ts";
import { openEmptyPostgres } from "../../support/empty-postgres.ts";

test.skipIf(!hasPostgres)(
  "of several replicas, one makes vectors, until it is silent",
  async () => {
    const { store } = await openEmptyPostgres();
    const claim = (owner: string, now: number) =>
      store.claimVectors({ owner, now, until: now + 100 });
    expect(await claim("a", 1000)).toBe(true);
    expect(await claim("b", 1050)).toBe(false);
    expect(await claim("a", 1060)).toBe(true);
    expect(await claim("b", 1159)).toBe(false);
    expect(await claim("b", 1160)).toBe(true);
    expect(await claim("a", 1161)).toBe(false);
    await store.close();
  },
);
