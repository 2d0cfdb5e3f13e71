import { createLazyNotices } from "../lazy-notices.ts";
import type { NoticeStore } from "../notice-store.ts";
import type { SharedParts } from "./knowledge.ts";

/** The outbox, on SQLite. Its code is loaded when a channel is set up. */
export function createSqliteNotices({ db, writes }: SharedParts): NoticeStore {
  return createLazyNotices({
    load: async () => new (await import("./notices.ts")).SqliteNotices(db, writes),
    wantsAny: async () =>
      db.query<{ any: number }, []>("SELECT EXISTS (SELECT 1 FROM notices_wanted) AS any").get()
        ?.any === 1,
  });
}
