import { type RequestRow, toRequest, toRequestPage } from "../request-rows.ts";
import type { AddedRequest, RequestStore } from "../request-store.ts";
import type { Pool } from "./pool.ts";

const FROM = `FROM requests AS r
  JOIN conversations AS c ON c.seq = r.conversation_seq AND c.updated_at >= 0`;
const REQUESTS = `SELECT r.id, c.id AS conversation_id, r.turn_id, r.contact_kind, r.contact, r.note, r.consent,
  r.created_at::float8 AS created_at, r.closed_at::float8 AS closed_at ${FROM}`;

interface AddedRow {
  kind: AddedRequest["kind"];
  oldest_at: number | null;
}

/** Visitors who want a person, on PostgreSQL. */
export function createRequests({ turns, slow }: { turns: Pool; slow: Pool }): RequestStore {
  const find = async (id: string) =>
    (await turns.query<RequestRow>(`${REQUESTS} WHERE r.id = $1`, [id]))[0];

  return {
    async addRequest(request, { since, max }) {
      const { id, conversationId, turnId, contact, note, consent, at } = request;
      const [added] = await turns.query<AddedRow>(
        `SELECT kind, oldest_at::float8 AS oldest_at
         FROM add_request($1, $2, $3, $4, $5, $6, $7, $8::bigint, $9::bigint, $10::integer)`,
        [
          id,
          conversationId,
          turnId ?? null,
          contact?.kind ?? null,
          contact?.value ?? null,
          note ?? null,
          consent,
          at,
          since,
          max,
        ],
      );
      if (added?.kind === "too_many") return { kind: "too_many", oldestAt: added.oldest_at ?? at };
      if (added?.kind === "no_contact") return { kind: "no_contact" };
      const stored = await find(id);
      return stored === undefined
        ? { kind: "gone" }
        : { kind: "added", request: toRequest(stored) };
    },

    async requestsOf(conversationId) {
      const rows = await turns.query<RequestRow>(
        `${REQUESTS} WHERE c.id = $1 ORDER BY r.created_at DESC, r.id DESC`,
        [conversationId],
      );
      return rows.map(toRequest);
    },

    async listRequests({ isOpen, limit, after }) {
      const state = `r.closed_at IS ${isOpen ? "NULL" : "NOT NULL"}`;
      const [rows, [counted]] = await Promise.all([
        slow.query<RequestRow>(
          `${REQUESTS} WHERE ${state} AND (r.created_at, r.id) < ($1::bigint, $2)
           ORDER BY r.created_at DESC, r.id DESC LIMIT $3::bigint`,
          [after?.at ?? Number.MAX_SAFE_INTEGER, after?.id ?? "", limit + 1],
        ),
        slow.query<{ total: number }>(`SELECT count(*)::float8 AS total ${FROM} WHERE ${state}`),
      ]);
      return toRequestPage(rows, counted?.total ?? 0, { limit });
    },

    async closeRequest(id, at) {
      await turns.query("SELECT close_request($1, $2::bigint)", [id, at]);
      const row = await find(id);
      return row && toRequest(row);
    },
  };
}

/** Checks the limit and stores a request. The row of the conversation is locked first, so that two are counted. */
const ADD_REQUEST = `
CREATE FUNCTION add_request(
  p_id text, p_conversation text, p_turn text, p_kind text, p_contact text, p_note text, p_consent text,
  p_at bigint, p_since bigint, p_max integer, OUT kind text, OUT oldest_at bigint
) LANGUAGE plpgsql AS $$
DECLARE
  place bigint;
  turn text;
BEGIN
  SELECT seq INTO place FROM conversations WHERE id = p_conversation AND updated_at >= 0
  FOR NO KEY UPDATE;
  IF NOT FOUND THEN kind := 'gone'; RETURN; END IF;
  -- Where the connection was lost after the commit, this very request is stored.
  IF EXISTS (SELECT FROM requests WHERE id = p_id) THEN kind := 'added'; RETURN; END IF;
  SELECT turn_id INTO turn FROM messages
  WHERE conversation_seq = place AND role = 'assistant' AND (p_turn IS NULL OR turn_id = p_turn)
  ORDER BY id DESC LIMIT 1;
  IF NOT FOUND THEN kind := 'gone'; RETURN; END IF;
  SELECT created_at INTO oldest_at FROM requests
  WHERE conversation_seq = place AND created_at > p_since AND created_at <= p_at
  ORDER BY created_at DESC LIMIT 1 OFFSET p_max - 1;
  IF FOUND THEN kind := 'too_many'; RETURN; END IF;
  IF p_contact IS NULL THEN
    SELECT contact_kind, contact INTO p_kind, p_contact FROM requests WHERE conversation_seq = place
    ORDER BY created_at DESC, id DESC LIMIT 1;
    IF NOT FOUND THEN kind := 'no_contact'; RETURN; END IF;
  END IF;
  INSERT INTO requests (id, conversation_seq, turn_id, contact_kind, contact, note, consent, created_at)
  VALUES (p_id, place, turn, p_kind, p_contact, p_note, p_consent, p_at);
  kind := 'added';
END $$;
`;

const CLOSE_REQUEST = `
CREATE FUNCTION close_request(p_id text, p_at bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM FROM conversations WHERE seq = (SELECT conversation_seq FROM requests WHERE id = p_id)
    AND updated_at >= 0 FOR NO KEY UPDATE;
  IF NOT FOUND THEN RETURN; END IF;
  UPDATE requests AS r SET closed_at = p_at FROM requests AS closed
  WHERE closed.id = p_id AND r.conversation_seq = closed.conversation_seq AND r.closed_at IS NULL
    AND (r.created_at, r.id) <= (closed.created_at, closed.id);
END $$;
`;

export const REQUEST_FUNCTIONS = `${ADD_REQUEST}${CLOSE_REQUEST}`;
