import type { TransactionSQL } from "bun";

import type { StoredRow, StoredTable } from "../stored-tables.ts";
import { copyValue } from "./copy-text.ts";

/** How a table differs from the one of another store that is copied into it. */
export interface CopyTarget {
  /** What the rows are ordered by, so that both stores have the same order: texts by their bytes. */
  readonly order: string;
  /** A column that the other store does not have. */
  readonly extra?: {
    readonly column: string;
    readonly valueOf: (row: StoredRow) => string | number | Promise<string>;
  };
}

/** What a table holds. Equal ones hold the same values in every column. */
interface Contents {
  readonly rows: number;
  /** Of all rows in the text format of COPY, in hexadecimal digits. */
  readonly sha256: string;
}

type OnRows = (rows: number) => void;

/** How much is sent at once. */
const BATCH_CHARACTERS = 256 * 1024;

/** Copies all rows into a table that is empty and that this transaction has truncated. Returns what was sent. */
export async function copyIn(
  tx: TransactionSQL,
  table: StoredTable,
  { extra }: CopyTarget,
  onRows: OnRows,
): Promise<Contents> {
  const { name, columns } = table;
  const into = extra === undefined ? columns : [...columns, extra.column];
  // FREEZE: otherwise PostgreSQL writes every row a second time, when the rows are old.
  const copy = tx.unsafe(`COPY ${name} (${into.join(", ")}) FROM STDIN WITH (FREEZE)`);
  const writer = copy.writable().getWriter();
  const hash = new Bun.CryptoHasher("sha256");
  let [rows, batch] = [0, ""];
  for (const row of table.rows()) {
    const line = columns.map((column) => copyValue(row[column] ?? null)).join("\t");
    hash.update(`${line}\n`);
    batch +=
      extra === undefined ? `${line}\n` : `${line}\t${copyValue(await extra.valueOf(row))}\n`;
    rows += 1;
    if (batch.length < BATCH_CHARACTERS) continue;
    // Resolves when PostgreSQL takes more.
    await writer.write(Buffer.from(batch));
    batch = "";
    onRows(rows);
  }
  await writer.write(Buffer.from(batch));
  await writer.close();
  await copy;
  return { rows, sha256: hash.digest("hex") };
}

const NEWLINE = "\n".charCodeAt(0);

/** Reads a table back, the same columns in the same order as `copyIn` has sent them. */
export async function readBack(
  tx: TransactionSQL,
  { name, columns }: StoredTable,
  { order }: CopyTarget,
  onRows: OnRows,
): Promise<Contents> {
  const query = `SELECT ${columns.join(", ")} FROM ${name} ORDER BY ${order}`;
  const hash = new Bun.CryptoHasher("sha256");
  let rows = 0;
  for await (const chunk of tx.unsafe(`COPY (${query}) TO STDOUT`).readable()) {
    hash.update(chunk);
    // Each row is one line: newlines in texts are escaped.
    for (const byte of chunk) if (byte === NEWLINE) rows += 1;
    onRows(rows);
  }
  return { rows, sha256: hash.digest("hex") };
}
