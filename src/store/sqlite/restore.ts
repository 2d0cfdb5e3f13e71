import { Database } from "bun:sqlite";
import {
  accessSync,
  closeSync,
  constants,
  copyFileSync,
  existsSync,
  fsyncSync,
  linkSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
} from "node:fs";
import { dirname } from "node:path";

import { runningAs } from "../../runtime/running-as.ts";
import { followLinks, lockDatabase } from "./lock.ts";
import { refuseNewerSchema, schemaVersion } from "./migrate.ts";
import { makePrivateFile, makePrivateIfThere } from "./private-file.ts";

/** The beginning of every database file: https://www.sqlite.org/fileformat.html#the_database_header */
const MAGIC = "SQLite format 3\0";
/** Files beside a database that SQLite would apply to any database under the same name. */
const JOURNALS = ["-wal", "-journal"] as const;

interface RestoreOptions {
  /** The backup. It is only read. */
  readonly source: string;
  /** Where the server expects its database. */
  readonly target: string;
  /** Whether an existing database may be replaced. It is kept under another name. */
  readonly isForced: boolean;
  readonly at: Date;
}

export interface Restored {
  readonly conversations: number;
  /** The new path of the replaced database; undefined when there was none. */
  readonly kept: string | undefined;
}

/**
 * Replaces the database with a backup. The backup is checked before anything is replaced. The replacement is
 * one step: after a crash, either the old or the new database is in place.
 * @throws DatabaseInUseError, NewerSchemaError, or an error that says why the backup is refused
 */
export function restoreSqlite({ source, isForced, at, ...options }: RestoreOptions): Restored {
  if (options.target === ":memory:")
    throw new Error("DATABASE_PATH is :memory:, which has no file.");
  const target = followLinks(options.target);
  refuseUnfitSource(source, target);
  const unlock = lockDatabase(target);
  const copy = `${target}.restoring`;
  try {
    if (existsSync(target) && !isForced) {
      throw new Error(`${target} exists already. With --force it is kept under another name.`);
    }
    // We have the lock, so this copy is left from an interrupted restore.
    discard(copy);
    makePrivateFile(copy);
    copyFileSync(source, copy);
    const conversations = check(copy, source);
    syncFile(copy);
    const kept = existsSync(target) ? keep(target, at) : undefined;
    // Removes the old database's companion files, which must not be applied to the new one.
    for (const suffix of [...JOURNALS, "-shm"]) rmSync(`${target}${suffix}`, { force: true });
    renameSync(copy, target);
    syncFile(dirname(target));
    return { conversations, kept };
  } finally {
    discard(copy);
    unlock();
  }
}

function refuseUnfitSource(source: string, target: string): void {
  const found = statSync(source, { throwIfNoEntry: false });
  if (found === undefined) throw new Error(`There is no file ${source}.`);
  if (!found.isFile()) throw new Error(`${source} is a folder or a device, not a file.`);
  refuseUnreadable(source);
  const taken = statSync(target, { throwIfNoEntry: false });
  if (taken?.ino === found.ino && taken.dev === found.dev) {
    throw new Error(`${source} is the database itself.`);
  }
  if (beginningOf(source) !== MAGIC) throw new Error(`${source} is not a database.`);
  for (const journal of JOURNALS.map((suffix) => `${source}${suffix}`)) {
    if ((statSync(journal, { throwIfNoEntry: false })?.size ?? 0) === 0) continue;
    throw new Error(
      `${source} is not a complete backup: a part of it is in ${journal}. Make one of it with ` +
        `DATABASE_PATH=${source} chatporch backup FILE.`,
    );
  }
}

function refuseUnreadable(source: string): void {
  try {
    accessSync(source, constants.R_OK);
  } catch (cause) {
    throw new Error(`${runningAs()} may not read ${source}.`, { cause });
  }
}

function beginningOf(file: string): string {
  const bytes = Buffer.alloc(MAGIC.length);
  const handle = openSync(file, "r");
  try {
    readSync(handle, bytes);
  } finally {
    closeSync(handle);
  }
  return bytes.toString("latin1");
}

/**
 * Reads the whole copy. The backup itself is not opened, because that could write files beside it.
 * @returns how many conversations it contains
 */
function check(copy: string, source: string): number {
  const db = new Database(copy, { readwrite: true, create: false, strict: true });
  try {
    const problem = integrityProblem(db);
    if (problem !== undefined) throw new Error(`${source} is damaged: ${problem}`);
    refuseNewerSchema(db);
    const isOurs = schemaVersion(db) > 0 && hasTables(db);
    if (!isOurs) throw new Error(`${source} is a database, but not one of chatporch.`);
    const row = db
      .query<{ total: number }, []>("SELECT count(*) AS total FROM conversations")
      .get();
    return row?.total ?? 0;
  } finally {
    db.close();
  }
}

function integrityProblem(db: Database): string | undefined {
  try {
    const [first] = db.query<{ integrity_check: string }, []>("PRAGMA integrity_check(1)").all();
    return first?.integrity_check === "ok" ? undefined : (first?.integrity_check ?? "no answer");
  } catch (error) {
    // The damage is so bad that the file cannot be checked.
    return error instanceof Error ? error.message : String(error);
  }
}

/** Whether the tables of the first schema exist. Later schemas have them, too. */
function hasTables(db: Database): boolean {
  const row = db
    .query<{ found: number }, []>(
      `SELECT count(*) AS found FROM sqlite_schema
       WHERE type = 'table' AND name IN ('conversations', 'messages', 'totals', 'secrets')`,
    )
    .get();
  return row?.found === 4;
}

/** Keeps the complete database under a second name, while it also stays under its own. */
function keep(target: string, at: Date): string {
  const time = at.toISOString().replaceAll(/[-:]|\.\d+/g, "");
  const kept = `${target}.before-restore-${time}`;
  if (existsSync(kept)) throw new Error(`${kept} exists already.`);
  makePrivateIfThere(target);
  mergeJournals(target);
  linkOrRename(target, kept);
  for (const suffix of JOURNALS) {
    if (!existsSync(`${target}${suffix}`)) continue;
    makePrivateIfThere(`${target}${suffix}`);
    renameSync(`${target}${suffix}`, `${kept}${suffix}`);
  }
  return kept;
}

/** After a clean stop there is nothing to merge; after a crash the last turns are in the WAL. */
function mergeJournals(target: string): void {
  if (!JOURNALS.some((suffix) => existsSync(`${target}${suffix}`))) return;
  try {
    const db = new Database(target, { readwrite: true, create: false });
    db.query("PRAGMA wal_checkpoint(TRUNCATE)").get();
    db.close();
  } catch {
    // A damaged database is a reason to restore. Its files are kept unchanged.
  }
}

function linkOrRename(target: string, kept: string): void {
  try {
    linkSync(target, kept);
  } catch {
    // The file system has no hard links. After a crash right now, the database has only its new name.
    renameSync(target, kept);
  }
}

function discard(copy: string): void {
  for (const suffix of ["", ...JOURNALS, "-shm"]) rmSync(`${copy}${suffix}`, { force: true });
}

function syncFile(path: string): void {
  const handle = openSync(path, "r");
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
