import type { NoticeKind } from "../conversation/notice-kinds.ts";
import type { Conversation } from "../conversation/records.ts";
import type { PersonRequest } from "../store/request-store.ts";
import type { StoredTurn } from "../store/turn-store.ts";

/** What the owner is notified of, as it is stored at the moment of sending. */
export interface Notice {
  /** The same in every attempt: `msg_` and random characters, without dots. */
  readonly eventId: string;
  readonly kind: NoticeKind;
  /** When it happened, in milliseconds since the epoch. */
  readonly at: number;
  /** Undefined: it is about no conversation. */
  readonly conversation: Conversation | undefined;
  /** What the conversation began with. */
  readonly firstQuestion: string | undefined;
  /** Undefined: it is about the whole conversation. */
  readonly turn: StoredTurn | undefined;
  /** Of `handoff.requested` and `visitor.wrote`: the visitor's newest wish to reach a person. */
  readonly request: PersonRequest | undefined;
  /** The page of the dashboard that shows it. Undefined while PUBLIC_URL is not set. */
  readonly link: string | undefined;
}
