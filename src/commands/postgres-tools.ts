/** The parameters of an address that PostgreSQL's own tools know. They refuse any other. */
const PARAMETERS_OF_TOOLS: readonly string[] = ["host", "sslmode", "sslrootcert"];

/** The command that writes a copy of a PostgreSQL database to a new file. It asks for the password. */
export function dumpCommand(url: string, file: string): string {
  return `pg_dump --format=custom --file=${quote(file)} ${quote(withoutPassword(url))}`;
}

/** The command that replaces what a PostgreSQL database holds with such a copy. It asks for the password. */
export function restoreCommand(url: string, file: string): string {
  const dbname = quote(withoutPassword(url));
  return `pg_restore --clean --if-exists --no-owner --single-transaction --dbname=${dbname} ${quote(file)}`;
}

function withoutPassword(text: string): string {
  const url = new URL(text);
  url.password = "";
  for (const name of Array.from(url.searchParams.keys())) {
    if (!PARAMETERS_OF_TOOLS.includes(name)) url.searchParams.delete(name);
  }
  return url.href;
}

/** A word that every shell of Linux and macOS takes as it is. */
function quote(word: string): string {
  return /^[\w./:@%=-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
