import { SQL } from "bun";

/** Thrown when an import fails. The message says why, and what the database holds now. */
export class ImportError extends Error {
  override readonly name = "ImportError";
}

/** SQLSTATE: https://www.postgresql.org/docs/15/errcodes-appendix.html */
const REASONS: Readonly<Record<string, string>> = {
  "42501": "The user of DATABASE_URL may not do this",
  "53100": "The disk of PostgreSQL is full",
  "55P03": "Somebody else uses the database, perhaps another chatporch migrate",
  "57P01": "PostgreSQL was stopped",
  "57P03": "PostgreSQL is starting or stopping",
};

/** Turns what Bun or PostgreSQL reports into a sentence. */
export function explainImportError(error: unknown, wasCommitting: boolean): Error {
  if (!(error instanceof SQL.SQLError))
    return error instanceof Error ? error : new Error(String(error));
  const outcome = wasCommitting
    ? "Whether everything was moved before that is not known: run chatporch migrate again, which says so."
    : "Nothing was moved. Run chatporch migrate again when this is mended.";
  return new ImportError(`${reasonOf(error)}. ${outcome}`, { cause: error });
}

function reasonOf(error: Error): string {
  const state = error instanceof SQL.PostgresError ? error.errno : undefined;
  if (state === undefined) return `The connection to PostgreSQL was lost (${error.message})`;
  const reason = REASONS[String(state)];
  return reason === undefined
    ? `PostgreSQL refused: ${error.message}`
    : `${reason} (${error.message})`;
}
