/** Thrown when the file does not hold what was written to it; says what to do. */
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

/** What SQLite says of a file whose pages make no sense, also where it has lost even its beginning. */
export function isDamage(error: unknown): error is Error {
  return hasCode(error, /^SQLITE_(?:CORRUPT|NOTADB)/);
}

/** What it says of a file that was never a database: at the start, one that was named by mistake. */
export function isNoDatabase(error: unknown): boolean {
  return hasCode(error, /^SQLITE_NOTADB/);
}

function hasCode(error: unknown, code: RegExp): error is Error {
  return error instanceof Error && "code" in error && code.test(String(error.code));
}
