import { Database } from "bun:sqlite";
import { afterEach, expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";

import { hasPostgres, sharedPostgres } from "../../harness/postgres.ts";
import { cleanUp, temporaryFolder } from "../../harness/process.ts";
import { inspectPostgresSettings } from "../../src/store/postgres/inspect-settings.ts";
import { openPostgresStore } from "../../src/store/postgres/open.ts";
import { inspectSqliteSettings } from "../../src/store/sqlite/inspect-settings.ts";
import { migrate } from "../../src/store/sqlite/migrate.ts";
import { MIGRATIONS } from "../../src/store/sqlite/migrations.ts";
import { openSqliteStore } from "../../src/store/sqlite/open.ts";
import { settingsChange } from "../support/stored-settings.ts";

setDefaultTimeout(60_000);
afterEach(cleanUp);

const CHANGE = settingsChange({ values: { WIDGET_TITLE: "Ask us" } });
const STORED = { version: 1, values: { WIDGET_TITLE: "Ask us" }, keys: [] };

test("the owner's settings are read from a file that a server uses", async () => {
  const file = join(temporaryFolder(), "chat.db");
  const store = openSqliteStore(file);
  await store.changeSettings(CHANGE);
  expect(await inspectSqliteSettings(file)).toEqual(STORED);
  await store.close();
});

test("where there is no file, or one of an earlier version, there are no settings of the owner", async () => {
  const file = join(temporaryFolder(), "chat.db");
  expect(await inspectSqliteSettings(file)).toBeUndefined();
  const db = new Database(file, { create: true, strict: true });
  migrate(db, MIGRATIONS.slice(0, 5));
  db.close();
  expect(await inspectSqliteSettings(file)).toBeUndefined();
});

test.skipIf(!hasPostgres)(
  "the owner's settings are read from a PostgreSQL that servers use",
  async () => {
    const url = await (await sharedPostgres()).createDatabase();
    const { store } = await openPostgresStore(url);
    await store.changeSettings(CHANGE);
    expect(await inspectPostgresSettings(url)).toEqual(STORED);
    await store.close();
  },
);
