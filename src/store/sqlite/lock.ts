import { Database } from "bun:sqlite";
import { lstatSync, mkdirSync, readlinkSync } from "node:fs";
import { dirname, isAbsolute } from "node:path";

import { makePrivateFile } from "./private-file.ts";
import { pathProblem, UnusablePathError } from "./unusable-path.ts";

/** Thrown when another process serves from the same database file. */
export class DatabaseInUseError extends Error {
  constructor(path: string) {
    super(`Another chatporch is using ${path}. Stop it first, or set another DATABASE_PATH.`);
    this.name = "DatabaseInUseError";
  }
}

/**
 * Makes this process the only server of a database file: a second one would take the answers that the
 * first has under way for the remains of a crash. The lock is an exclusive transaction on a file
 * beside the database, so the system releases it when the process ends, however it ends.
 * @throws DatabaseInUseError, UnusablePathError, or an error that names the file
 * @returns releases the lock
 */
export function lockDatabase(path: string): () => void {
  if (path === ":memory:") return () => {};
  let lock: Database | undefined;
  try {
    const file = followLinks(path);
    const problem = pathProblem(file);
    if (problem !== undefined) throw new UnusablePathError(path, problem);
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    // Whoever can open it can lock it, too, and keep the server from starting.
    makePrivateFile(`${file}.lock`);
    lock = new Database(`${file}.lock`, { create: true, readwrite: true });
    lock.run("PRAGMA busy_timeout = 0");
    lock.run("BEGIN EXCLUSIVE");
  } catch (cause) {
    lock?.close();
    if (isBusy(cause)) throw new DatabaseInUseError(path);
    if (cause instanceof UnusablePathError) throw cause;
    throw new Error(`The database ${path} cannot be locked: ${String(cause)}`, { cause });
  }
  const held = lock;
  return () => held.close();
}

/** What Linux follows. */
const MAX_LINKS = 40;

/** The file that a path names, through links as SQLite follows them, also where it is still to be made. */
export function followLinks(path: string): string {
  let file = path;
  for (let links = 0; isLink(file); links++) {
    if (links === MAX_LINKS) throw new Error(`${path} is a link that leads in a circle`);
    const target = readlinkSync(file);
    // Not normalised: where a folder is a link, `..` is not the folder before it in the text.
    file = isAbsolute(target) ? target : `${dirname(file)}/${target}`;
  }
  return file;
}

function isLink(file: string): boolean {
  try {
    return lstatSync(file, { throwIfNoEntry: false })?.isSymbolicLink() ?? false;
  } catch {
    // A part of the path is a file or may not be entered: pathProblem says so.
    return false;
  }
}

/** Another process holds a lock; waiting helps. */
export function isBusy(error: unknown): boolean {
  return error instanceof Error && "code" in error && String(error.code).startsWith("SQLITE_BUSY");
}
