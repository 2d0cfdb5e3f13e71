import type { NoticeChannel, NoticeKind } from "../conversation/notice-kinds.ts";
import type { ChannelState, ClaimedNotice, GivenUpNotice, NoticePlace } from "./notice-store.ts";

/** The rows of the outbox as both databases return them. */

export interface PlaceRow {
  readonly conversation_id: string | null;
  readonly turn_id: string | null;
}

export interface NoticeRow extends PlaceRow {
  readonly seq: number;
  readonly event_id: string;
  readonly channel: NoticeChannel;
  readonly kind: NoticeKind;
  readonly at: number;
  readonly attempts: number;
}

export interface GivenUpRow extends NoticeRow {
  readonly ended_at: number;
  readonly last_error: string | null;
}

export interface ChannelRow {
  readonly channel: NoticeChannel;
  readonly waiting: number;
  readonly next_at: number | null;
  readonly given_up: number;
  readonly delivered_at: number | null;
  readonly failed_at: number | null;
  readonly error: string | null;
  readonly off_address: string | null;
  readonly off_at: number | null;
}

export function toPlace(row: PlaceRow): NoticePlace {
  return { conversationId: row.conversation_id ?? undefined, turnId: row.turn_id ?? undefined };
}

export function toClaimed(row: NoticeRow): ClaimedNotice {
  return {
    seq: row.seq,
    eventId: row.event_id,
    channel: row.channel,
    kind: row.kind,
    at: row.at,
    attempts: row.attempts,
    ...toPlace(row),
  };
}

export function toGivenUp(row: GivenUpRow): GivenUpNotice {
  return { ...toClaimed(row), endedAt: row.ended_at, error: row.last_error ?? "" };
}

export function toChannelState(row: ChannelRow): ChannelState {
  const { off_address: address, off_at: at } = row;
  return {
    channel: row.channel,
    waiting: row.waiting,
    nextAt: row.next_at ?? undefined,
    givenUp: row.given_up,
    deliveredAt: row.delivered_at ?? undefined,
    failedAt: row.failed_at ?? undefined,
    error: row.error ?? undefined,
    off: address === null || at === null ? undefined : { address, at },
  };
}
