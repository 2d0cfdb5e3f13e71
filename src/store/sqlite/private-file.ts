import { chmodSync, closeSync, existsSync, openSync } from "node:fs";

const OWNER_ONLY = 0o600;

/**
 * Makes the file if it is missing, and restricts it to its owner. A new file is never readable by others, not
 * even while it is empty: a process that has opened it once could read and lock it from then on.
 */
export function makePrivateFile(file: string): void {
  // An existing file is not opened: closing it would release the locks that this process has on it (fcntl).
  if (!existsSync(file)) createFile(file);
  chmodSync(file, OWNER_ONLY);
}

/** For the files that SQLite makes. SQLite gives new ones the database's mode but does not change existing ones. */
export function makePrivateIfThere(file: string): void {
  if (existsSync(file)) chmodSync(file, OWNER_ONLY);
}

function createFile(file: string): void {
  try {
    closeSync(openSync(file, "wx", OWNER_ONLY));
  } catch (error) {
    // Another process was first, and it makes its files private, too.
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
  }
}
