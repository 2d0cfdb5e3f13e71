import type { ErasureStore } from "../store.ts";
import type { Pool } from "./pool.ts";

/** A step of this size takes a few milliseconds. */
const STEP_CONVERSATIONS = 100;

/** Replicas do not delete at the same time. The number is this program's name among PostgreSQL's locks. */
const EXPIRE = `WITH leader AS MATERIALIZED (
    SELECT pg_try_advisory_xact_lock(hashtextextended('chatporch.expire', 0)) AS is_leader
  ), expired AS MATERIALIZED (
    SELECT seq FROM conversations AS c
    WHERE (SELECT is_leader FROM leader) AND updated_at < $1::bigint AND NOT EXISTS (
      SELECT FROM messages WHERE conversation_seq = c.seq AND status = 'streaming'
    )
    ORDER BY updated_at, seq LIMIT ${STEP_CONVERSATIONS} FOR UPDATE SKIP LOCKED
  ), emptied AS (
    DELETE FROM messages WHERE conversation_seq IN (SELECT seq FROM expired)
  ), deleted AS (
    DELETE FROM conversations WHERE seq IN (SELECT seq FROM expired) RETURNING seq
  )
  SELECT count(*)::integer AS conversations FROM deleted`;

interface Pools {
  readonly turns: Pool;
  readonly slow: Pool;
}

export function createErasure({ turns, slow }: Pools): ErasureStore {
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
      return row?.erased === true || wasThere;
    },

    async expireConversations(before) {
      const [row] = await slow.query<{ conversations: number }>(EXPIRE, [before]);
      const conversations = row?.conversations ?? 0;
      return { conversations, isDone: conversations < STEP_CONVERSATIONS };
    },

    async databaseTime() {
      const [row] = await slow.query<{ ms: number }>(
        "SELECT floor(extract(epoch FROM clock_timestamp()) * 1000)::float8 AS ms",
      );
      return row?.ms;
    },
  };
}
