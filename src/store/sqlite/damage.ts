/** Thrown when the file is damaged. Its message says what to do. */
export class DamagedDatabaseError extends Error {
  constructor(path: string, cause: Error) {
    super(
      `The database ${path} is damaged: ${cause.message}. Stop the server, keep a copy of the file, ` +
        "and put a backup in its place: chatporch restore FILE --force.",
      { cause },
    );
    this.name = "DamagedDatabaseError";
  }
}

/** Whether SQLite found the file damaged, even if the damage is in its header. */
export function isDamage(error: unknown): error is Error {
  return hasCode(error, /^SQLITE_(?:CORRUPT|NOTADB)/);
}

/** Whether the file is not a database. At the start, that is a file that was named by mistake. */
export function isNoDatabase(error: unknown): boolean {
  return hasCode(error, /^SQLITE_NOTADB/);
}

function hasCode(error: unknown, code: RegExp): error is Error {
  return error instanceof Error && "code" in error && code.test(String(error.code));
}
