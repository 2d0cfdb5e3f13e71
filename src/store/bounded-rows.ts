/** The bounds of a page of messages: their number, and the number of characters in their texts. */
interface RowBounds {
  readonly limit: number;
  readonly characters: number;
}

/** The first rows within the bounds, read one by one. At least one row is taken, however long it is. */
export function takeRows<Row extends { readonly content: string }>(
  rows: Iterable<Row>,
  { limit, characters }: RowBounds,
): Row[] {
  const taken: Row[] = [];
  let left = characters;
  if (limit <= 0) return taken;
  for (const row of rows) {
    taken.push(row);
    left -= row.content.length;
    if (taken.length >= limit || left <= 0) break;
  }
  return taken;
}

/**
 * The id after which the newest messages begin whose texts together have at most this many bytes. At least
 * one message counts, however long it is.
 * @param newestFirst rows that are read one by one
 */
export function startOf(
  newestFirst: Iterable<{ readonly id: number; readonly bytes: number }>,
  bytes: number,
): number {
  let left = bytes;
  let first: number | undefined;
  for (const row of newestFirst) {
    left -= row.bytes;
    if (left < 0 && first !== undefined) break;
    first = row.id;
  }
  return (first ?? 1) - 1;
}
