import { type ErasableRow, toConversationKey } from "../rows.ts";
import type { ErasureStore } from "../store.ts";
import { ERASABLE } from "./hidden.ts";
import type { Pool } from "./pool.ts";
import { violatedIndex } from "./retries.ts";
import type { Vacuum } from "./vacuum.ts";

/** Bounds a step, also where conversations are long. The last one of a step may be longer than what is left. */
const STEP_CONVERSATIONS = 100;
const STEP_MESSAGES = 2000;

/** Also one that is hidden. Once its row is locked, nobody hides or restores it. */
const ERASE = `SELECT coalesce(bool_or(erase_conversation(id)), false) AS erased FROM (
  SELECT id FROM conversations WHERE id IN ($1, '/' || $1) FOR UPDATE
) AS found`;

interface ErasureParts {
  readonly turns: Pool;
  readonly slow: Pool;
  readonly vacuum: Pick<Vacuum, "request">;
}

export function createErasure({ turns, slow, vacuum }: ErasureParts): ErasureStore {
  async function deleteConversation(conversationId: string): Promise<boolean> {
    let wasThere = false;
    const [row] = await turns.query<{ erased: boolean }>(ERASE, (isRepeated) => {
      // It may be gone because the first try has erased it.
      wasThere = isRepeated;
      return [conversationId];
    });
    const isErased = row?.erased === true || wasThere;
    if (isErased) vacuum.request();
    return isErased;
  }

  async function restoreConversation(conversationId: string, at: number): Promise<boolean> {
    try {
      const [row] = await turns.query<{ restored: boolean }>(
        "SELECT restore_conversation($1, $2::bigint) AS restored",
        [conversationId, at],
      );
      return row?.restored === true;
    } catch (error) {
      // The visitor has begun another one at this moment, which the next try sees.
      if (violatedIndex(error) !== "conversations_session_id_key") throw error;
      return restoreConversation(conversationId, at);
    }
  }

  return {
    deleteConversation,

    async listErasable(by, value) {
      return (await turns.query<ErasableRow>(ERASABLE[by], [value])).map(toConversationKey);
    },

    async hideConversation(conversationId, eraseAt) {
      const [row] = await turns.query<{ hidden: boolean }>(
        "SELECT hide_conversation($1, $2::bigint) AS hidden",
        [conversationId, eraseAt],
      );
      return row?.hidden === true;
    },

    restoreConversation,

    async eraseHidden(at) {
      const [due] = await slow.query<{ id: string }>(
        "SELECT id FROM conversations WHERE erase_at <= $1::bigint ORDER BY erase_at LIMIT 1",
        [at],
      );
      if (due === undefined) return false;
      await deleteConversation(due.id);
      return true;
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
