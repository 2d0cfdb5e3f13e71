import { Database } from "bun:sqlite";
import { closeSync, existsSync, mkdirSync, openSync, unlinkSync } from "node:fs";
import { dirname, resolve } from "node:path";

import type { Store } from "../store.ts";
import { DamagedDatabaseError, isDamage, isNoDatabase } from "./damage.ts";
import type { OnCommit } from "./group-commit.ts";
import { followLinks } from "./lock.ts";
import { migrate, NewerSchemaError, refuseNewerSchema } from "./migrate.ts";
import { makePrivateFile, makePrivateIfThere } from "./private-file.ts";
import { ProcessSearcher } from "./process-searcher.ts";
import { InProcessSearcher } from "./searcher.ts";
import { SqliteStore } from "./sqlite-store.ts";
import { pathProblem, UnusablePathError } from "./unusable-path.ts";

/** How long a start or a backup waits for another process that is writing, in milliseconds. */
const BUSY_TIMEOUT_MS = 2000;
/** What SQLite keeps beside a database, and a crash leaves there. */
const COMPANIONS = ["-wal", "-shm", "-journal"];
/** The WAL file is cut back to this size after a checkpoint. */
const WAL_SIZE_LIMIT_BYTES = 16 * 1024 * 1024;
/**
 * The commit that makes the WAL this long, 12 MB, copies it into the database. Most pages are changed
 * again and again, and half of a copy is waiting for the disk: three times SQLite's own 1000 saves a busy
 * server a fifth of the time that it spends writing. A quiet one copies by the clock (checkpoints.ts).
 */
const CHECKPOINT_PAGES = 3000;

/** The pages that a busy day writes to, most of them of indexes; SQLite's own 2 MB reads them again and again. */
const PAGE_CACHE_KIB = 16 * 1024;

const PRAGMAS = [
  `PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`,
  // So that what RETENTION_DAYS deletes can be given back to the file system a few pages at a time
  // (free-pages.ts: 64 in 0.4 ms), where a VACUUM stops the server and needs the space twice. It costs a
  // turn nothing that can be measured (82 µs of CPU without, 83 with), and the file 0.1 %. It has to
  // come before the first page is written: files that were made without reuse their free pages only.
  "PRAGMA auto_vacuum = INCREMENTAL",
  "PRAGMA journal_mode = WAL",
  "PRAGMA foreign_keys = ON",
  // Deleted text is overwritten with zeros: erased means gone from the file (contract section 2).
  "PRAGMA secure_delete = ON",
  `PRAGMA journal_size_limit = ${WAL_SIZE_LIMIT_BYTES}`,
  `PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES}`,
  "PRAGMA temp_store = MEMORY",
  `PRAGMA cache_size = -${PAGE_CACHE_KIB}`,
];

/**
 * In WAL mode NORMAL survives the death of the process always; only a power cut can lose the turns of
 * the last seconds (checkpoints.ts). FULL waits for the disk at every commit, and the event loop with it:
 * a turn alone takes twice the time (0.30 and 0.65 ms, measured on a disk that syncs in 0.2 ms), 64 at
 * once share their commits and take the same.
 */
const SYNCHRONOUS = { normal: "NORMAL", full: "FULL" } as const;

interface OpenOptions {
  readonly sync?: keyof typeof SYNCHRONOUS;
  /** Told of every commit how long it took. */
  readonly onCommit?: OnCommit | undefined;
  /** What runs serveSearches on a database file; searches run in this process where it is missing. */
  readonly searchCommand?: ((file: string) => readonly string[]) | undefined;
}

const NO_FILE: OpenOptions = {};

/**
 * Opens the database file, makes it (readable by its owner only) when there is none, and migrates it.
 * `:memory:` keeps everything in memory.
 * @throws NewerSchemaError, DamagedDatabaseError, or an error that names the file
 */
export function openSqliteStore(
  path: string,
  { sync = "normal", onCommit, ...options }: OpenOptions = {},
): Store {
  const { searchCommand } = path === ":memory:" ? NO_FILE : options;
  const db = openFile(path);
  try {
    refuseNewerSchema(db);
    if (path !== ":memory:") makeAllPrivate(followLinks(path));
    for (const pragma of PRAGMAS) db.run(pragma);
    db.run(`PRAGMA synchronous = ${SYNCHRONOUS[sync]}`);
    migrate(db);
    lookIntoEveryTable(db);
  } catch (cause) {
    db.close();
    if (cause instanceof NewerSchemaError) throw cause;
    if (isDamage(cause) && !isNoDatabase(cause)) throw new DamagedDatabaseError(path, cause);
    throw new Error(`The database ${path} cannot be used: ${String(cause)}`, { cause });
  }
  const searcher = searchCommand
    ? new ProcessSearcher(searchCommand(resolve(path)))
    : new InProcessSearcher(db);
  return new SqliteStore(db, { searcher, onCommit });
}

/**
 * Reads the beginning of each table, some 30 pages: a file that has lost one is not served. It does not read
 * the whole file, which `chatporch doctor` does.
 * @throws what SQLite says of damage
 */
function lookIntoEveryTable(db: Database): void {
  const tables = db.query<{ name: string }, []>(
    "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND strict",
  );
  for (const { name } of tables.all()) db.query(`SELECT 1 FROM "${name}" LIMIT 1`).get();
}

function openFile(path: string): Database {
  try {
    if (path !== ":memory:") makeWhereMissing(followLinks(path));
    return new Database(path, { create: true, readwrite: true, strict: true });
  } catch (cause) {
    throw new Error(`The database ${path} cannot be opened: ${String(cause)}`, { cause });
  }
}

/** A file that is there may be one that was named by mistake: it is left as it is. */
function makeWhereMissing(file: string): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  if (!existsSync(file)) makePrivateFile(file);
}

function makeAllPrivate(file: string): void {
  for (const suffix of ["", ...COMPANIONS]) makePrivateIfThere(`${file}${suffix}`);
}

/**
 * Writes a consistent copy of the database to a new file, readable by its owner only, also while a
 * server is using it.
 * @throws when the source is missing or the target exists
 */
export function backupSqlite(source: string, target: string): void {
  if (!existsSync(source)) throw new Error(`There is no database at ${source}.`);
  const problem = pathProblem(followLinks(source));
  if (problem !== undefined) throw new UnusablePathError(source, problem);
  const db = new Database(source, { readwrite: true, create: false, strict: true });
  try {
    db.run(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`);
    createTarget(target);
    copyInto(db, target);
  } finally {
    db.close();
  }
}

/** An empty file is what VACUUM INTO accepts as new; made first, it is never readable by others. */
function createTarget(target: string): void {
  try {
    closeSync(openSync(target, "wx", 0o600));
  } catch (cause) {
    if (existsSync(target))
      throw new Error(`${target} exists already. Name a new file.`, { cause });
    const reason = pathProblem(target) ?? String(cause);
    throw new Error(`${target} cannot be written: ${reason}.`, { cause });
  }
}

function copyInto(db: Database, target: string): void {
  try {
    db.query("VACUUM INTO ?").run(target);
  } catch (error) {
    // Half a copy would look like a backup.
    unlinkSync(target);
    throw error;
  }
}
