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
