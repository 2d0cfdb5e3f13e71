import { describe, expect, setDefaultTimeout, test } from "bun:test";

import { SQL } from "bun";

import { hasPgBouncer, startPgBouncer } from "../../../harness/pgbouncer.ts";
import { hasPostgres, sharedPostgres } from "../../../harness/postgres.ts";
import { judgeDatabaseServer } from "../../../src/doctor/database-server.ts";
import { inspectPostgres } from "../../../src/store/postgres/inspect.ts";
import { migratePostgres } from "../../../src/store/postgres/migrate.ts";
import { openPostgresStore } from "../../../src/store/postgres/open.ts";
import { probePostgres } from "../../../src/store/postgres/probe.ts";

setDefaultTimeout(30_000);

/** What the doctor says of the database at an address. */
async function findingsOf(url: string) {
  const report = await probePostgres(url, { connections: 8 });
  const state = report.fault === undefined ? await inspectPostgres(url) : undefined;
  return judgeDatabaseServer({ url, maxBytes: 1e9, report, state });
}

async function newDatabase(): Promise<string> {
  return (await sharedPostgres()).createDatabase();
}

describe.skipIf(!hasPostgres)("the doctor, of a real PostgreSQL,", () => {
  test("is content with an empty database, and makes no tables in it", async () => {
    const url = await newDatabase();
    for (let i = 0; i < 2; i++) {
      expect(await findingsOf(url)).toEqual([
        { mark: "ok", subject: "database", says: expect.stringContaining("without tables") },
      ]);
    }
  });

  test("names a schema that only a newer version can work with", async () => {
    const url = await newDatabase();
    await migratePostgres(url);
    const [well] = await findingsOf(url);
    expect(well).toMatchObject({
      mark: "ok",
      says: expect.stringMatching(/, schema \d+, \d+\.\d MB$/),
    });
    await using sql = new SQL(url, { max: 1 });
    await sql`UPDATE schema SET version = 99, usable_from = 99`;
    const [ill] = await findingsOf(url);
    expect(ill).toMatchObject({
      mark: "wrong",
      says: expect.stringContaining("schema 99 is newer"),
    });
  });

  test("finds out which replicas beat and which stand still", async () => {
    const url = await newDatabase();
    const { store, cluster } = await openPostgresStore(url);
    for (const id of ["living.1", "frozen.1"]) {
      await cluster.enter({ id, host: id, version: "1.0.0", startedAt: Date.now() });
    }
    // On a busy machine, a beat may fail. The others show that it lives.
    const beat = () =>
      cluster.beat("living.1", { announced: 0, reading: [] }).catch(() => undefined);
    const beats = setInterval(() => void beat(), 500);
    const { replicas } = await inspectPostgres(url);
    clearInterval(beats);
    await store.close();
    const seen = replicas.map(({ id, isBeating }) => [id, isBeating]);
    expect(Object.fromEntries(seen)).toEqual({ "living.1": true, "frozen.1": false });
  });
});

describe.skipIf(!hasPostgres || !hasPgBouncer)("the doctor behind PgBouncer", () => {
  test("names a pooler that swaps statements, and is content with ?prepare=false", async () => {
    const pooler = await startPgBouncer(await newDatabase(), "transaction");
    const [ill] = await findingsOf(pooler.url);
    expect(ill).toMatchObject({ mark: "wrong", mend: expect.stringContaining("?prepare=false") });
    const well = await findingsOf(`${pooler.url}?prepare=false`);
    await pooler.stop();
    expect(well.map(({ mark }) => mark)).toEqual(["ok"]);
  });
});
