import { chmodSync, closeSync, existsSync, openSync } from "node:fs";

const OWNER_ONLY = 0o600;

/**
 * Makes the file when there is none, so that it is never readable by others, not even before it holds
 * anything: who has opened it once can read, and lock, it for ever. One that is there gets the mode.
 */
export function makePrivateFile(file: string): void {
  // Only a new file is opened: closing it would release the locks that this process has on it (fcntl).
  if (!existsSync(file)) createFile(file);
  chmodSync(file, OWNER_ONLY);
}

/** For files that SQLite makes: it gives them the mode of the database, but leaves those that are there. */
export function makePrivateIfThere(file: string): void {
  if (existsSync(file)) chmodSync(file, OWNER_ONLY);
}

function createFile(file: string): void {
  try {
    closeSync(openSync(file, "wx", OWNER_ONLY));
  } catch (error) {
    // Another process was first; it makes its files private, too.
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
  }
}
