import { isDate } from "./list/periods.ts";
import type { ListFields } from "./schema.ts";

const LIST_PATH = "/dashboard/conversations";

/** What was done with a conversation just now, and which one was deleted. */
export type Done =
  | { readonly kind: "deleted"; readonly id: string | undefined }
  | { readonly kind: "restored" | "gone" };

/**
 * The list with what was searched for and the page of it that was open.
 * @param done what was done just now, which the page then says
 */
export function listPath(fields: Partial<ListFields> = {}, done?: Done): string {
  const id = done?.kind === "deleted" ? done.id : undefined;
  return `${LIST_PATH}${queryOf({ ...fields, done: done?.kind, id })}`;
}

/** A file with what is in the list, on all its pages. */
export function exportPath(format: "csv" | "ndjson", fields: ListFields): string {
  return `/dashboard/export${queryOf({ ...fields, cursor: "", format })}`;
}

/** How that file is called, without the ending. It names the days, so that the file of each month has a name of its own. */
export function exportName({ from, to }: ListFields): string {
  // Only what is a date: everything else may have signs that no file's name can have.
  const dates = [from, to].filter(isDate);
  return ["chatporch-messages", ...dates].join("-");
}

/** Whether the list leaves conversations out. */
export function isFiltered({ q, from, to, mark }: ListFields): boolean {
  return [q, from, to, mark].some((value) => value !== "");
}

/** Restores a conversation that was deleted just now. */
export function restorePath(id: string, fields: Partial<ListFields> = {}): string {
  return threadPath(`${encodeURIComponent(id)}/restore`, fields);
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

/** A message of a conversation: the part of it that has the message, and its place on that page. */
export function messagePath(
  id: string,
  messageId: number,
  fields: Partial<ListFields> = {},
): string {
  return `${threadPath(id, fields, { message: `${messageId}` })}#${messageAnchor(messageId)}`;
}

/** Where a thread's page has whether the owner is there, and where he writes: a browser puts the focus there. */
export const TAKEOVER_ID = "takeover";
export const WORDS_ID = "words";

/** Where a thread's page shows a message. */
export function messageAnchor(messageId: number): string {
  return `m${messageId}`;
}

function queryOf(fields: Readonly<Record<string, string | undefined>>): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(fields)) {
    if (value !== undefined && value !== "") query.set(name, value);
  }
  return query.size === 0 ? "" : `?${query}`;
}
