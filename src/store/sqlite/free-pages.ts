import type { Database } from "bun:sqlite";

/** Bounds the time that a step blocks the event loop, at about 10 µs for a page of 4 KiB. */
const STEP_PAGES = 64;
/** The share of the file that stays free. The next hour fills it again, and moving pages costs more. */
const KEPT_SHARE = 0.1;

/**
 * Returns one step's free pages, which deleted rows have left, to the file system. Call it inside a
 * transaction. The file itself shrinks at the next checkpoint. A database that was made without auto_vacuum
 * (see open.ts) cannot return pages.
 * @returns true when there are no more pages to return
 */
export function releaseFreePages(db: Database): boolean {
  const free = countOf(db, "freelist_count");
  if (free <= countOf(db, "page_count") * KEPT_SHARE) return true;
  db.query(`PRAGMA incremental_vacuum(${STEP_PAGES})`).all();
  return countOf(db, "freelist_count") === free;
}

/** How many bytes of the file hold data. */
export function usedBytes(db: Database): number {
  const pages = countOf(db, "page_count") - countOf(db, "freelist_count");
  return pages * countOf(db, "page_size");
}

function countOf(db: Database, pragma: "freelist_count" | "page_count" | "page_size"): number {
  const row = db.query<Record<string, number>, []>(`PRAGMA ${pragma}`).get();
  return row?.[pragma] ?? 0;
}
