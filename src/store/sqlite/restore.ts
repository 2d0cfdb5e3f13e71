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

/** What every database file begins with: https://www.sqlite.org/fileformat.html#the_database_header */
const MAGIC = "SQLite format 3\0";
/** Files beside a database that SQLite would play into whatever stands under its name. */
const JOURNALS = ["-wal", "-journal"] as const;

interface RestoreOptions {
  /** The backup. It is only read. */
  readonly source: string;
  /** Where the server expects its database. */
  readonly target: string;
  /** Whether a database that is there may be replaced; it is kept under another name. */
  readonly isForced: boolean;
  readonly at: Date;
}

export interface Restored {
  readonly conversations: number;
  /** Where the database that was there is now; undefined when there was none. */
  readonly kept: string | undefined;
}

/**
 * Puts a backup in the place of the database. It is checked before anything is replaced, and replaces
 * the database in one step: a crash leaves the one or the other.
 * @throws DatabaseInUseError, NewerSchemaError, or an error that says why the backup is not taken
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
    // Left by a restore that was cut off, since the lock is ours.
    discard(copy);
    makePrivateFile(copy);
    copyFileSync(source, copy);
    const conversations = check(copy, source);
    syncFile(copy);
    const kept = existsSync(target) ? keep(target, at) : undefined;
    // Nothing may be left beside it that belonged to another database.
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
  if (!found.isFile()) throw new Error(`${source} is a folder or a device, and no file.`);
  refuseUnreadable(source);
  const taken = statSync(target, { throwIfNoEntry: false });
  if (taken?.ino === found.ino && taken.dev === found.dev) {
    throw new Error(`${source} is the database itself.`);
  }
  if (beginningOf(source) !== MAGIC) throw new Error(`${source} is no database.`);
  for (const journal of JOURNALS.map((suffix) => `${source}${suffix}`)) {
    if ((statSync(journal, { throwIfNoEntry: false })?.size ?? 0) === 0) continue;
    throw new Error(
      `${source} is no backup: a part of it is in ${journal}. Make one of it with ` +
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
 * Reads the whole copy; the backup itself is not opened, which could write beside it.
 * @returns how many conversations it holds
 */
function check(copy: string, source: string): number {
  const db = new Database(copy, { readwrite: true, create: false, strict: true });
  try {
    const problem = integrityProblem(db);
    if (problem !== undefined) throw new Error(`${source} is damaged: ${problem}`);
    refuseNewerSchema(db);
    const isOurs = schemaVersion(db) > 0 && hasTables(db);
    if (!isOurs) throw new Error(`${source} is a database, but none of chatporch.`);
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
    // Damaged so badly that it cannot be looked at.
    return error instanceof Error ? error.message : String(error);
  }
}

/** Of the first schema; later ones have them, too. */
function hasTables(db: Database): boolean {
  const row = db
    .query<{ found: number }, []>(
      `SELECT count(*) AS found FROM sqlite_schema
       WHERE type = 'table' AND name IN ('conversations', 'messages', 'totals', 'secrets')`,
    )
    .get();
  return row?.found === 4;
}

/** Keeps the database under another name, whole, while it stays under its own. */
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
    // A damaged database is a reason to restore; what there is of it is kept as it is.
  }
}

function linkOrRename(target: string, kept: string): void {
  try {
    linkSync(target, kept);
  } catch {
    // A file system without hard links. A crash right now leaves the database under its new name only.
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
