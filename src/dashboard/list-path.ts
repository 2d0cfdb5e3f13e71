import type { ListFields } from "./schema.ts";

const LIST_PATH = "/dashboard/conversations";

/** The list with what was searched for and the page of it that was open. */
export function listPath(fields: Partial<ListFields> = {}): string {
  return `${LIST_PATH}${queryOf(fields)}`;
}

/**
 * A conversation of the list. Its address has what the list was searched for, so that the way back leads there.
 * @param more what else the page is asked for
 */
export function threadPath(
  id: string,
  fields: Partial<ListFields> = {},
  more: Readonly<Record<string, string | undefined>> = {},
): string {
  return `${LIST_PATH}/${id}${queryOf({ ...fields, ...more })}`;
}

function queryOf(fields: Readonly<Record<string, string | undefined>>): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(fields)) {
    if (value !== undefined && value !== "") query.set(name, value);
  }
  return query.size === 0 ? "" : `?${query}`;
}
