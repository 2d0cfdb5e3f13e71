/** Where a page of messages ends: at a number, or at the characters of their texts. */
export interface RowBounds {
  readonly limit: number;
  readonly characters: number;
}

/** The first rows within the bounds, read one by one; at least one, however long it is. */
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
 * After which id those of the newest messages begin whose texts have so many bytes in all; at least one.
 * @param newestFirst read one by one
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
