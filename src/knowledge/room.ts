import { SCARCE_SHARE } from "../config/database.ts";
import { SECOND_MS } from "../runtime/time.ts";
import type { StoreHealth } from "../store/store.ts";

interface RoomOptions {
  readonly store: Pick<StoreHealth, "usedBytes">;
  /** The size limit of the database. */
  readonly maxBytes: () => number;
}

/** How old the figure may be that decides. */
const LOOK_INTERVAL_MS = SECOND_MS;

/**
 * Says whether the database has room for more pages. The last fifth of it is for conversations: a full database
 * refuses questions.
 */
export function createRoom({ store, maxBytes }: RoomOptions): () => Promise<boolean> {
  let lookedAt = Number.NEGATIVE_INFINITY;
  let answer = Promise.resolve(true);
  return () => {
    if (performance.now() - lookedAt >= LOOK_INTERVAL_MS) {
      lookedAt = performance.now();
      answer = store.usedBytes().then((bytes) => bytes / maxBytes() < SCARCE_SHARE);
    }
    return answer;
  };
}

/** For the owner, where there is none. */
export const DATABASE_FULL =
  "The database is nearly full (MAX_DATABASE_MB): new text is not stored, so that conversations have room.";
