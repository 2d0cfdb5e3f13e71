import { Database } from "bun:sqlite";
import { closeSync, existsSync, mkdirSync, openSync, unlinkSync } from "node:fs";
import { dirname, resolve } from "node:path";

import { type DayOf, utcDayOf } from "../figures.ts";
import type { Store } from "../store.ts";
import { createAnswerTests } from "./answer-tests.ts";
import { DamagedDatabaseError, isDamage, isNoDatabase } from "./damage.ts";
import type { OnCommit } from "./group-commit.ts";
import { createSqliteKnowledge } from "./lazy-knowledge.ts";
import { createSqliteNotices } from "./lazy-notices.ts";
import { followLinks } from "./lock.ts";
import { migrate, NewerSchemaError, refuseNewerSchema } from "./migrate.ts";
import { makePrivateFile, makePrivateIfThere } from "./private-file.ts";
import { ProcessSearcher } from "./process-searcher.ts";
import { createRatings } from "./ratings.ts";
import { createRequests } from "./requests.ts";
import { InProcessSearcher } from "./searcher.ts";
import { createSpending } from "./spending.ts";
import { SqliteStore } from "./sqlite-store.ts";
import { createUnanswered } from "./unanswered.ts";
import { pathProblem, UnusablePathError } from "./unusable-path.ts";

/** How long a start or a backup waits for another process that is writing, in milliseconds. */
const BUSY_TIMEOUT_MS = 2000;
/** Files that SQLite keeps beside a database. A crash leaves them there. */
const COMPANIONS = ["-wal", "-shm", "-journal"];
/** The WAL file is cut back to this size after a checkpoint. */
const WAL_SIZE_LIMIT_BYTES = 16 * 1024 * 1024;
/**
 * The commit that makes the WAL this long (12 MB) copies it into the database. Most pages change again and
 * again, and half of the time of a copy is waiting for the disk. So three times SQLite's default of 1000 saves
 * a busy server a fifth of its writing time. A quiet server copies by the clock (checkpoints.ts).
 */
const CHECKPOINT_PAGES = 3000;

/** Fits the pages that a busy day writes to, mostly indexes. SQLite's default of 2 MB rereads them all the time. */
const PAGE_CACHE_KIB = 16 * 1024;

const PRAGMAS = [
  `PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`,
  // Lets the space that RETENTION_DAYS frees be returned to the file system a few pages at a time
  // (free-pages.ts: 64 in 0.4 ms). A VACUUM would stop the server and need the space twice. The cost is not
  // measurable for a turn (82 µs of CPU without it, 83 with it) and 0.1 % of the file. It must come before the
  // first page is written; files that were made without it can only reuse their free pages.
  "PRAGMA auto_vacuum = INCREMENTAL",
  "PRAGMA journal_mode = WAL",
  "PRAGMA foreign_keys = ON",
  // Overwrites deleted text with zeros: erased text must not stay in the file (contract section 2).
  "PRAGMA secure_delete = ON",
  `PRAGMA journal_size_limit = ${WAL_SIZE_LIMIT_BYTES}`,
  `PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES}`,
  "PRAGMA temp_store = MEMORY",
  `PRAGMA cache_size = -${PAGE_CACHE_KIB}`,
];

/**
 * In WAL mode, NORMAL always survives the death of the process. Only a power cut can lose the turns of the
 * last seconds (checkpoints.ts). FULL waits for the disk at every commit and blocks the event loop meanwhile.
 * A single turn takes twice the time (0.65 ms instead of 0.30 ms, on a disk that syncs in 0.2 ms); 64 turns
 * at once share their commits and take the same time.
 */
const SYNCHRONOUS = { normal: "NORMAL", full: "FULL" } as const;

interface OpenOptions {
  readonly sync?: keyof typeof SYNCHRONOUS;
  /** Called after every commit with its duration. */
  readonly onCommit?: OnCommit | undefined;
  /** The day that a time is counted to. Default: in UTC. */
  readonly dayOf?: DayOf | undefined;
  /** The command that runs serveSearches on a database file. Without it, searches run in this process. */
  readonly searchCommand?: ((file: string) => readonly string[]) | undefined;
}

const NO_FILE: OpenOptions = {};

/**
 * Opens and migrates the database file. Makes a new one, readable by its owner only, when there is none.
 * `:memory:` keeps everything in memory.
 * @throws NewerSchemaError, DamagedDatabaseError, or an error that names the file
 */
export function openSqliteStore(
  path: string,
  { sync = "normal", onCommit, dayOf = utcDayOf, ...options }: OpenOptions = {},
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
  const store = new SqliteStore(db, { searcher, onCommit, dayOf });
  const { shared } = store;
  return Object.assign(
    store,
    createSqliteKnowledge(shared),
    createRatings(shared, dayOf),
    createRequests(shared),
    createUnanswered(shared),
    createAnswerTests(shared),
    createSqliteNotices(shared),
    createSpending(shared, store.ledger),
  );
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

/** Makes the file if it is missing. An existing file may have been named by mistake and is not changed. */
function makeWhereMissing(file: string): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  if (!existsSync(file)) makePrivateFile(file);
}

function makeAllPrivate(file: string): void {
  for (const suffix of ["", ...COMPANIONS]) makePrivateIfThere(`${file}${suffix}`);
}

/**
 * Writes a consistent copy of the database to a new file, readable by its owner only, even while a server
 * uses the database.
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

/** Makes an empty file, which VACUUM INTO accepts. Because it exists before, it is never readable by others. */
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
