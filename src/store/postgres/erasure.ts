import type { ErasureStore } from "../store.ts";
import type { Pool } from "./pool.ts";
import type { Vacuum } from "./vacuum.ts";

/** Bounds a step, also where conversations are long. The last one of a step may be longer than what is left. */
const STEP_CONVERSATIONS = 100;
const STEP_MESSAGES = 2000;

/**
 * Deletes the conversations that have been silent longest. One replica deletes at a time. A conversation that
 * somebody else has locked, because its visitor has come back, is left out.
 */
const EXPIRE = `WITH leader AS MATERIALIZED (
    SELECT pg_try_advisory_xact_lock(hashtextextended('chatporch.expire', 0)) AS is_leader
  ), silent AS MATERIALIZED (
    SELECT seq, updated_at, message_count FROM conversations AS c
    WHERE (SELECT is_leader FROM leader) AND updated_at < $1::bigint AND NOT EXISTS (
      SELECT FROM messages WHERE conversation_seq = c.seq AND status = 'streaming'
    )
    ORDER BY updated_at, seq LIMIT ${STEP_CONVERSATIONS} FOR UPDATE SKIP LOCKED
  ), counted AS (
    SELECT seq, sum(message_count) OVER (ORDER BY updated_at, seq) - message_count AS messages_before
    FROM silent
  ), expired AS MATERIALIZED (
    SELECT seq FROM counted WHERE messages_before < ${STEP_MESSAGES}
  ), emptied AS (
    DELETE FROM messages WHERE conversation_seq IN (SELECT seq FROM expired)
  ), deleted AS (
    DELETE FROM conversations WHERE seq IN (SELECT seq FROM expired) RETURNING seq
  )
  SELECT count(*)::integer AS conversations FROM deleted`;

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
      const [row] = await slow.query<{ conversations: number }>(EXPIRE, [before]);
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
