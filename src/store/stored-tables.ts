/**
 * What a database holds, table by table, for moving it into another kind of store. The names of tables and
 * columns are the same in both. What a store can make anew, such as a search index, is left out.
 */
export interface StoredTable {
  readonly name: string;
  readonly columns: readonly string[];
  readonly rowCount: number;
  /** Reads the rows in the order of their key, a few at a time. */
  rows(): Iterable<StoredRow>;
}

export type StoredRow = Readonly<Record<string, string | number | null>>;

/** The tables of a database that no server uses meanwhile, those that others refer to first. */
export interface StoredTables {
  readonly tables: readonly StoredTable[];
  /** Lets servers use the database again. */
  close(): void;
}
