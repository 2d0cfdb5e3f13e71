import type { Database } from "bun:sqlite";

/** What bounds the time that a step keeps the event loop, at some 10 µs a page of 4 KiB. */
const STEP_PAGES = 64;
/** Of the file: what one hour frees, the next fills again, and a page kept costs less than one moved. */
const KEPT_SHARE = 0.1;

/**
 * Gives pages that deleted rows have left free back to the file system, up to the size of a step; to be
 * called inside a transaction. The file itself shrinks with the next checkpoint. In a database that was
 * made without auto_vacuum (open.ts says what it is for) there is nothing to give back.
 * @returns true when no more than the share to keep is left
 */
export function releaseFreePages(db: Database): boolean {
  const free = countOf(db, "freelist_count");
  if (free <= countOf(db, "page_count") * KEPT_SHARE) return true;
  db.query(`PRAGMA incremental_vacuum(${STEP_PAGES})`).all();
  return countOf(db, "freelist_count") === free;
}

/** What of the file holds something, in bytes. */
export function usedBytes(db: Database): number {
  const pages = countOf(db, "page_count") - countOf(db, "freelist_count");
  return pages * countOf(db, "page_size");
}

function countOf(db: Database, pragma: "freelist_count" | "page_count" | "page_size"): number {
  const row = db.query<Record<string, number>, []>(`PRAGMA ${pragma}`).get();
  return row?.[pragma] ?? 0;
}
