import { Database } from "bun:sqlite";
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import {
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";

import { cleanUp, temporaryFolder } from "../../../harness/process.ts";
import { DatabaseInUseError, lockDatabase } from "../../../src/store/sqlite/lock.ts";
import { migrate, NewerSchemaError } from "../../../src/store/sqlite/migrate.ts";
import { MIGRATIONS } from "../../../src/store/sqlite/migrations.ts";
import { backupSqlite, openSqliteStore } from "../../../src/store/sqlite/open.ts";
import { type Restored, restoreSqlite } from "../../../src/store/sqlite/restore.ts";
import { storeExchange } from "../../support/stored-turns.ts";

const AT = new Date("2026-11-23T12:34:56.789Z");

let source: string;
let target: string;

beforeEach(async () => {
  const folder = temporaryFolder();
  source = join(folder, "backup.db");
  target = join(folder, "data/chat.db");
  mkdirSync(join(folder, "data"), { mode: 0o700 });
  const original = join(folder, "original.db");
  await fill(original, ["saved"]);
  backupSqlite(original, source);
});

afterEach(cleanUp);

/** Stores an exchange in each of the sessions. */
async function fill(file: string, sessions: readonly string[]): Promise<void> {
  const store = openSqliteStore(file);
  for (const sessionId of sessions)
    await storeExchange(store, { sessionId, answer: "x ".repeat(9000) });
  await store.close();
}

async function sessionsOf(file: string): Promise<string[]> {
  const store = openSqliteStore(file);
  const { conversations } = await store.listConversations({ limit: 100 });
  await store.close();
  return conversations.map(({ sessionId }) => sessionId).toSorted();
}

function restore(isForced = false): Restored {
  return restoreSqlite({ source, target, isForced, at: AT });
}

/** The files beside the target, except the lock. */
function filesBeside(): string[] {
  return readdirSync(join(target, "..")).filter((name) => !name.startsWith("chat.db.lock"));
}

/** Expects that the restore is refused and changes no file. */
function expectRefusal(reason: RegExp | typeof NewerSchemaError, isForced = true): void {
  const before = existsSync(target) ? readFileSync(target) : undefined;
  const files = filesBeside();
  expect(() => restore(isForced)).toThrow(reason);
  expect(filesBeside()).toEqual(files);
  if (before) expect(readFileSync(target).equals(before)).toBe(true);
}

describe("restoreSqlite", () => {
  test("restores a backup where no database is, into a file that only its owner can read", async () => {
    const backup = readFileSync(source);
    expect(restore()).toEqual({ conversations: 1, kept: undefined });
    expect(filesBeside()).toEqual(["chat.db"]);
    expect(statSync(target).mode & 0o777).toBe(0o600);
    expect(await sessionsOf(target)).toEqual(["saved"]);
    // The backup can be restored again.
    expect(readFileSync(source).equals(backup)).toBe(true);
    expect(existsSync(`${source}-wal`)).toBe(false);
  });

  test("makes the target's folder", async () => {
    target = join(target, "../new/chat.db");
    restore();
    expect(await sessionsOf(target)).toEqual(["saved"]);
  });

  test("does not replace a database without --force", async () => {
    await fill(target, ["present"]);
    expectRefusal(/exists already.*--force/, false);
    expect(await sessionsOf(target)).toEqual(["present"]);
  });

  test("replaces a database with --force, and keeps the old one beside it", async () => {
    await fill(target, ["present"]);
    const kept = `${target}.before-restore-20261123T123456Z`;
    expect(restore(true)).toEqual({ conversations: 1, kept });
    expect(filesBeside().toSorted()).toEqual([
      "chat.db",
      "chat.db.before-restore-20261123T123456Z",
    ]);
    expect(await sessionsOf(target)).toEqual(["saved"]);
    expect(await sessionsOf(kept)).toEqual(["present"]);
  });

  test("replaces the file that a link leads to, and keeps the link", async () => {
    await fill(target, ["present"]);
    const link = join(target, "../../link.db");
    symlinkSync(target, link);
    const { kept } = restoreSqlite({ source, target: link, isForced: true, at: AT });
    expect(kept).toBe(`${target}.before-restore-20261123T123456Z`);
    expect(lstatSync(link).isSymbolicLink()).toBe(true);
    expect(await sessionsOf(target)).toEqual(["saved"]);
  });

  test("keeps a crash's WAL with the old database, and away from the new one", async () => {
    const crashing = openSqliteStore(`${target}.running`);
    await storeExchange(crashing, { sessionId: "only in the WAL" });
    for (const suffix of ["", "-wal"]) {
      copyFileSync(`${target}.running${suffix}`, `${target}${suffix}`);
    }
    await crashing.close();
    const { kept = "" } = restore(true);
    expect(existsSync(`${target}-wal`)).toBe(false);
    expect(await sessionsOf(target)).toEqual(["saved"]);
    expect(await sessionsOf(kept)).toEqual(["only in the WAL"]);
  });

  test("replaces a damaged database, and keeps its file and WAL unchanged", async () => {
    writeFileSync(target, "damaged ".repeat(1000));
    writeFileSync(`${target}-wal`, "its WAL");
    writeFileSync(`${target}-shm`, "its index");
    const { kept = "" } = restore(true);
    expect(readFileSync(kept, "utf8")).toStartWith("damaged damaged");
    expect(readFileSync(`${kept}-wal`, "utf8")).toBe("its WAL");
    expect(existsSync(`${target}-wal`)).toBe(false);
    expect(existsSync(`${target}-shm`)).toBe(false);
    expect(await sessionsOf(target)).toEqual(["saved"]);
  });

  test("removes the files that an interrupted restore has left", async () => {
    writeFileSync(`${target}.restoring`, "half a copy");
    writeFileSync(`${target}.restoring-wal`, "");
    restore();
    expect(filesBeside()).toEqual(["chat.db"]);
  });

  test("accepts a backup of an earlier schema, which the next start migrates", async () => {
    rmSync(source);
    const db = new Database(source, { create: true });
    migrate(db, MIGRATIONS.slice(0, 2));
    db.run(
      `INSERT INTO conversations (id, session_id, created_at, updated_at, last_message, message_count)
       VALUES ('c_1', 'saved', 1, 1, '', 0)`,
    );
    db.close();
    restore();
    expect(await sessionsOf(target)).toEqual(["saved"]);
  });

  test("releases the lock", () => {
    restore();
    lockDatabase(target)();
    expectRefusal(/exists already/, false);
    lockDatabase(target)();
  });
});

describe("restoreSqlite refuses", () => {
  test("while a server runs on the database", async () => {
    await fill(target, ["present"]);
    const unlock = lockDatabase(target);
    expect(() => restore(true)).toThrow(DatabaseInUseError);
    unlock();
    expect(await sessionsOf(target)).toEqual(["present"]);
  });

  test("a file that is not there, and a folder", () => {
    source = join(source, "../missing.db");
    expectRefusal(/no file .*missing\.db/);
    source = join(source, "..");
    expectRefusal(/not a file/);
  });

  test.each([
    ["no database", "These are my notes. ".repeat(100)],
    ["empty", ""],
  ])("a file that is %s", (_what, text) => {
    writeFileSync(source, text);
    expectRefusal(/backup\.db is not a database/);
  });

  test("a database of another program", () => {
    source = join(source, "../other.db");
    const db = new Database(source);
    db.run("CREATE TABLE notes (text TEXT)");
    db.run("PRAGMA user_version = 1");
    db.close();
    expectRefusal(/other\.db is a database, but not one of chatporch/);
  });

  test("a backup that was cut short", async () => {
    const bytes = readFileSync(source);
    writeFileSync(source, bytes.subarray(0, bytes.length - 8192));
    await fill(target, ["present"]);
    expectRefusal(/backup\.db is damaged/);
  });

  test("a backup with a damaged page in the middle", async () => {
    const bytes = readFileSync(source);
    const pages = bytes.length / 4096;
    for (let page = 2; page < pages; page += 1) bytes.fill(0xa5, page * 4096, page * 4096 + 64);
    writeFileSync(source, bytes);
    await fill(target, ["present"]);
    expectRefusal(/backup\.db is damaged/);
  });

  test("a backup of a newer version", () => {
    const db = new Database(source);
    db.run("PRAGMA user_version = 99");
    db.close();
    expectRefusal(NewerSchemaError);
  });

  test("the database itself, whatever name leads to it", async () => {
    await fill(target, ["present"]);
    source = join(target, "../../data/chat.db");
    expectRefusal(/is the database itself/);
  });

  test("a copy of a database in use, because its last turns are in the WAL", async () => {
    const running = openSqliteStore(join(target, "../../running.db"));
    await storeExchange(running);
    source = join(target, "../../running.db");
    expectRefusal(/part of it is in .*running\.db-wal.*backup/);
    await running.close();
  });

  test("when the database is in memory", () => {
    target = ":memory:";
    expect(() => restore()).toThrow(/:memory:/);
  });
});
