import { type RequestRow, toRequest, toRequestPage } from "../request-rows.ts";
import type {
  AddedRequest,
  Contact,
  NewRequest,
  RequestLimit,
  RequestStore,
} from "../request-store.ts";
import type { SharedParts } from "./knowledge.ts";

const FROM = `FROM requests AS r
  JOIN conversations AS c ON c.seq = r.conversation_seq AND c.updated_at >= 0`;
const REQUESTS = `SELECT r.*, c.id AS conversation_id ${FROM}`;

/** Visitors who want a person, on SQLite. */
export function createRequests({ db, writes }: Pick<SharedParts, "db" | "writes">): RequestStore {
  const find = (id: string) =>
    db.query<RequestRow, [string]>(`${REQUESTS} WHERE r.id = ?`).get(id) ?? undefined;

  function add(request: NewRequest, { since, max }: RequestLimit): AddedRequest {
    const earlier = find(request.id);
    if (earlier !== undefined) return { kind: "added", request: toRequest(earlier) };
    const place = findPlace(request);
    if (place === undefined) return { kind: "gone" };
    const recent = db
      .query<{ created_at: number }, [number, number, number, number]>(
        `SELECT created_at FROM requests WHERE conversation_seq = ? AND created_at > ? AND created_at <= ?
         ORDER BY created_at DESC LIMIT 1 OFFSET ?`,
      )
      .get(place.seq, since, request.at, max - 1);
    if (recent !== null) return { kind: "too_many", oldestAt: recent.created_at };
    const contact = request.contact ?? lastContact(place.seq);
    if (contact === undefined) return { kind: "no_contact" };
    db.query<null, [string, number, string, string, string, string | null, string, number]>(
      `INSERT INTO requests (id, conversation_seq, turn_id, contact_kind, contact, note, consent, created_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
    ).run(
      request.id,
      place.seq,
      place.turn_id,
      contact.kind,
      contact.value,
      request.note ?? null,
      request.consent,
      request.at,
    );
    return { kind: "added", request: { ...request, turnId: place.turn_id, contact } };
  }

  /** The conversation, and the turn that the request names or else the newest one. */
  function findPlace({ conversationId, turnId }: NewRequest) {
    const found = db
      .query<{ seq: number; turn_id: string }, [string, string | null]>(
        `SELECT c.seq, m.turn_id FROM conversations AS c
         JOIN messages AS m ON m.conversation_seq = c.seq AND m.role = 'assistant'
         WHERE c.id = ?1 AND c.updated_at >= 0 AND (?2 IS NULL OR m.turn_id = ?2)
         ORDER BY m.id DESC LIMIT 1`,
      )
      .get(conversationId, turnId ?? null);
    return found ?? undefined;
  }

  function lastContact(conversationSeq: number): Contact | undefined {
    const found = db
      .query<Contact, [number]>(
        `SELECT contact_kind AS kind, contact AS value FROM requests WHERE conversation_seq = ?
         ORDER BY created_at DESC, id DESC LIMIT 1`,
      )
      .get(conversationSeq);
    return found ?? undefined;
  }

  return {
    addRequest: (request, limit) => writes.write(() => add(request, limit)),

    async requestsOf(conversationId) {
      return db
        .query<RequestRow, [string]>(
          `${REQUESTS} WHERE c.id = ? ORDER BY r.created_at DESC, r.id DESC`,
        )
        .all(conversationId)
        .map(toRequest);
    },

    async listRequests({ isOpen, limit, after }) {
      const state = `r.closed_at IS ${isOpen ? "NULL" : "NOT NULL"}`;
      const rows = db
        .query<RequestRow, [number, string, number]>(
          `${REQUESTS} WHERE ${state} AND (r.created_at, r.id) < (?, ?)
           ORDER BY r.created_at DESC, r.id DESC LIMIT ?`,
        )
        .all(after?.at ?? Number.MAX_SAFE_INTEGER, after?.id ?? "", limit + 1);
      const counted = db
        .query<{ total: number }, []>(`SELECT count(*) AS total ${FROM} WHERE ${state}`)
        .get();
      return toRequestPage(rows, counted?.total ?? 0, { limit });
    },

    closeRequest: (id, at) =>
      writes.write(() => {
        const request = find(id);
        if (request === undefined) return undefined;
        db.query<null, [number, string]>(
          `UPDATE requests AS r SET closed_at = ? FROM requests AS closed
           WHERE closed.id = ? AND r.conversation_seq = closed.conversation_seq AND r.closed_at IS NULL
             AND (r.created_at, r.id) <= (closed.created_at, closed.id)`,
        ).run(at, id);
        return toRequest(find(id) ?? request);
      }),
  };
}
