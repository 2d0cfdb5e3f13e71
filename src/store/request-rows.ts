import type { Contact, PersonRequest, RequestFilter, RequestPage } from "./request-store.ts";

/** A row of the requests with the id of its conversation. */
export interface RequestRow {
  id: string;
  conversation_id: string;
  turn_id: string;
  contact_kind: Contact["kind"];
  contact: string;
  note: string | null;
  consent: string;
  created_at: number;
  closed_at: number | null;
}

export function toRequest(row: RequestRow): PersonRequest {
  return {
    id: row.id,
    conversationId: row.conversation_id,
    turnId: row.turn_id,
    contact: { kind: row.contact_kind, value: row.contact },
    ...(row.note === null ? {} : { note: row.note }),
    consent: row.consent,
    at: row.created_at,
    ...(row.closed_at === null ? {} : { closedAt: row.closed_at }),
  };
}

/** @param rows one more than the limit, if there is another page */
export function toRequestPage(
  rows: readonly RequestRow[],
  total: number,
  { limit }: Pick<RequestFilter, "limit">,
): RequestPage {
  const requests = rows.slice(0, limit).map(toRequest);
  const last = rows.length > limit ? requests.at(-1) : undefined;
  return { requests, total, nextCursor: last && { at: last.at, id: last.id } };
}
