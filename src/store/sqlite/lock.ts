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
 * Makes this process the only server of a database file. A second server would take the first one's answers
 * under way for the remains of a crash. The lock is an exclusive transaction on a file beside the database,
 * so the system releases it when the process ends in any way.
 * @throws DatabaseInUseError, UnusablePathError, or an error that names the file
 * @returns a function that releases the lock
 */
export function lockDatabase(path: string): () => void {
  if (path === ":memory:") return () => {};
  let lock: Database | undefined;
  try {
    const file = followLinks(path);
    const problem = pathProblem(file);
    if (problem !== undefined) throw new UnusablePathError(path, problem);
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    // Anybody who can open the file could lock it and so prevent the server from starting.
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

/** The limit of Linux. */
const MAX_LINKS = 40;

/** The file that a path names, after following links as SQLite does. The file itself may not exist yet. */
export function followLinks(path: string): string {
  let file = path;
  for (let links = 0; isLink(file); links++) {
    if (links === MAX_LINKS) throw new Error(`${path} is a link that leads in a circle`);
    const target = readlinkSync(file);
    // Not normalised: behind a folder that is a link, `..` is not the folder before it in the text.
    file = isAbsolute(target) ? target : `${dirname(file)}/${target}`;
  }
  return file;
}

function isLink(file: string): boolean {
  try {
    return lstatSync(file, { throwIfNoEntry: false })?.isSymbolicLink() ?? false;
  } catch {
    // A part of the path is a file or cannot be entered; pathProblem reports that.
    return false;
  }
}

/** Whether another process holds the lock. Waiting helps. */
export function isBusy(error: unknown): boolean {
  return error instanceof Error && "code" in error && String(error.code).startsWith("SQLITE_BUSY");
}
