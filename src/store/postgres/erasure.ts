import type { ErasureStore } from "../store.ts";
import type { Pool } from "./pool.ts";
import type { Vacuum } from "./vacuum.ts";

/** Bounds a step, also where conversations are long. The last one of a step may be longer than what is left. */
const STEP_CONVERSATIONS = 100;
const STEP_MESSAGES = 2000;

interface ErasureParts {
  readonly turns: Pool;
  readonly slow: Pool;
  readonly vacuum: Pick<Vacuum, "request">;
}

export function createErasure({ turns, slow, vacuum }: ErasureParts): ErasureStore {
  return {
    async deleteConversation(conversationId) {
      let wasThere = false;
      const [row] = await turns.query<{ erased: boolean }>(
        "SELECT erase_conversation($1) AS erased",
        (isRepeated) => {
          // It may be gone because the first try has erased it.
          wasThere = isRepeated;
          return [conversationId];
        },
      );
      const isErased = row?.erased === true || wasThere;
      if (isErased) vacuum.request();
      return isErased;
    },

    async expireConversations(before) {
      const [row] = await slow.query<{ conversations: number }>(
        "SELECT expire_conversations($1::bigint, $2::integer, $3::integer) AS conversations",
        [before, STEP_CONVERSATIONS, STEP_MESSAGES],
      );
      const conversations = row?.conversations ?? 0;
      if (conversations > 0) vacuum.request();
      return { conversations, isDone: conversations === 0 };
    },

    async databaseTime() {
      const [row] = await slow.query<{ ms: number }>(
        "SELECT floor(extract(epoch FROM clock_timestamp()) * 1000)::float8 AS ms",
      );
      return row?.ms;
    },
  };
}
