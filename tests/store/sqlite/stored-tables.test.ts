import { Database } from "bun:sqlite";
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { cleanUp, temporaryFolder } from "../../../harness/process.ts";
import { LIST_MARKS } from "../../../src/store/list-marks.ts";
import { lockDatabase } from "../../../src/store/sqlite/lock.ts";
import { migrate } from "../../../src/store/sqlite/migrate.ts";
import { MIGRATIONS } from "../../../src/store/sqlite/migrations.ts";
import { openSqliteStore } from "../../../src/store/sqlite/open.ts";
import { openStoredTables } from "../../../src/store/sqlite/stored-tables.ts";
import { settingsChange } from "../../support/stored-settings.ts";
import { begin, newTurn, storeExchange } from "../../support/stored-turns.ts";

let folder: string;
let file: string;

beforeEach(() => {
  folder = temporaryFolder();
  file = join(folder, "chat.db");
});

afterEach(cleanUp);

/** A database as a killed server leaves it: an answer is under way, and its last commits are in the log. */
async function leaveDatabaseOfACrash(): Promise<void> {
  const store = openSqliteStore(join(folder, "running.db"));
  await storeExchange(store);
  await store.secret("session_token", () => "kept");
  await store.changeOwnerPassword({ passwordHash: "argon", at: 3, by: "me" });
  await store.saveOwnerSession({ hash: "h", createdAt: 1, usedAt: 2 });
  await store.changeSettings(
    settingsChange({ expectedVersion: 1, values: { WIDGET_TITLE: "Ask us" } }),
  );
  const turn = newTurn({ sessionId: "cut off" });
  await begin(store, turn);
  await store.saveDrafts([{ turnId: turn.turnId, content: "We op" }]);
  for (const suffix of ["", "-wal"]) {
    writeFileSync(`${file}${suffix}`, readFileSync(join(folder, `running.db${suffix}`)));
  }
  await store.close();
}

function bytesOf(suffix: string): string {
  return readFileSync(`${file}${suffix}`).toString("latin1");
}

describe("the tables of a database file", () => {
  test("are read completely, what is still in the log included, and the file and its log are left as they are", async () => {
    await leaveDatabaseOfACrash();
    const before = [bytesOf(""), bytesOf("-wal")];
    const source = openStoredTables(file);
    const rows = Object.fromEntries(source.tables.map((table) => [table.name, [...table.rows()]]));
    const counts = Object.fromEntries(source.tables.map((table) => [table.name, table.rowCount]));
    source.close();
    expect([bytesOf(""), bytesOf("-wal")]).toEqual(before);
    expect(counts).toEqual({
      answer_tests: 0,
      audit: 2,
      conversations: 2,
      messages: 4,
      daily: 1,
      daily_first_token: 1,
      daily_grounding: 0,
      daily_ratings: 0,
      dismissed_questions: 0,
      knowledge_documents: 0,
      knowledge_sections: 0,
      knowledge_sources: 0,
      instructions: 0,
      notice_channels: 0,
      notices: 0,
      owner_sessions: 1,
      refused_origins: 0,
      requests: 0,
      secrets: 1,
      owner_password: 1,
      settings: 1,
      setup_facts: 0,
      spending: 0,
      spending_held: 0,
      takeovers: 0,
      widget_keys: 0,
    });
    expect(rows.messages).toHaveLength(4);
    expect(rows.messages?.[3]).toMatchObject({ id: 4, content: "We op", status: "streaming" });
    expect(rows.secrets).toEqual([{ name: "session_token", value: "kept" }]);
    expect(rows.owner_password).toEqual([{ id: 1, hash: "argon", changed_at: 3 }]);
    expect(rows.owner_sessions).toEqual([{ hash: "h", created_at: 1, used_at: 2 }]);
  });

  test("are those that there are, in a file of an earlier version", async () => {
    const db = new Database(file, { create: true, strict: true });
    const beforeSettings = 5;
    migrate(db, MIGRATIONS.slice(0, beforeSettings));
    db.close();
    const source = openStoredTables(file);
    const names = source.tables.map(({ name }) => name);
    source.close();
    expect(names).toContain("secrets");
    expect(names).not.toContain("settings");
  });

  test("are every table and every column that cannot be made from others", async () => {
    await leaveDatabaseOfACrash();
    const source = openStoredTables(file);
    const read = source.tables.flatMap(({ name, columns }) =>
      columns.map((column) => `${name}.${column}`),
    );
    source.close();
    const db = new Database(file, { readonly: true });
    const stored = db
      .query<{ name: string }, []>(
        `SELECT t.name || '.' || c.name AS name FROM pragma_table_list AS t, pragma_table_info(t.name) AS c
         WHERE t.strict AND c.name NOT IN (${LIST_MARKS.map((mark) => `'is_${mark}'`).join()}) AND NOT (t.name = 'messages' AND c.name = 'held')
           AND t.name NOT IN ('totals', 'unindexed', 'unsearchable', 'unmarked', 'owner_claims', 'notices_wanted',
           'knowledge_totals', 'knowledge_index', 'knowledge_editions', 'knowledge_vectors')`,
      )
      .all();
    db.close();
    // A section is read with its document instead of the edition.
    const names = stored.map(({ name }) =>
      name === "knowledge_sections.edition_id" ? "knowledge_sections.document_id" : name,
    );
    expect(read.toSorted()).toEqual(names.toSorted());
  });

  test("are not read while a server uses the file, and no server may use it while they are read", async () => {
    await leaveDatabaseOfACrash();
    const unlock = lockDatabase(file);
    expect(() => openStoredTables(file)).toThrow("Another chatporch is using");
    unlock();
    const source = openStoredTables(file);
    expect(() => lockDatabase(file)).toThrow("Another chatporch is using");
    source.close();
    lockDatabase(file)();
  });

  test("are read from a file of every schema that has them", () => {
    for (const version of MIGRATIONS.keys()) {
      const path = join(folder, `schema-${version}.db`);
      const db = new Database(path, { create: true, strict: true });
      migrate(db, MIGRATIONS.slice(0, version));
      db.close();
      if (version < 2) {
        expect(() => openStoredTables(path)).toThrow(
          version === 0 ? "not one of chatporch" : "early",
        );
        continue;
      }
      const source = openStoredTables(path);
      for (const table of source.tables) expect([...table.rows()]).toEqual([]);
      source.close();
    }
  });

  test("are refused with a sentence where there is no such file, and nothing is made there", () => {
    const missing = join(folder, "nowhere", "chat.db");
    expect(() => openStoredTables(missing)).toThrow(
      `There is no database at ${missing}. Set DATABASE_PATH to the file to be moved.`,
    );
    expect(() => openStoredTables(":memory:")).toThrow("has no file");
    expect(readdirSync(folder)).toEqual([]);
  });

  test("are refused with a sentence where the file is no database, or is one of a newer version", async () => {
    writeFileSync(
      file,
      "no database at all, but a text that is longer than the header of a database".repeat(20),
    );
    expect(() => openStoredTables(file)).toThrow(`${file} is not a database.`);
    const other = join(folder, "newer.db");
    const db = new Database(other, { create: true, strict: true });
    migrate(db);
    db.run(`PRAGMA user_version = ${MIGRATIONS.length + 1}`);
    db.close();
    expect(() => openStoredTables(other)).toThrow("Start the newer version");
  });
});
