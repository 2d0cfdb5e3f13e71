import type { Message } from "../conversation/records.ts";
import { MINUTE_MS } from "../runtime/time.ts";

/**
 * For how long after the owner's last word the model is silent. Databases know it, too (`begin_turn`): a change of it
 * is a new step of their schema.
 */
export const TAKEOVER_MS = 30 * MINUTE_MS;

/** A conversation in which the owner answers in place of the model. */
export interface Takeover {
  /** The name under which he writes. */
  readonly name: string;
  readonly begunAt: number;
  /** When he began, or wrote last. */
  readonly lastWordAt: number;
}

/**
 * Whether the owner answers at that time. After TAKEOVER_MS without a word of his, the model does again. A word from the
 * future counts as long, for replicas whose clocks differ, and no longer, for a clock that was set back.
 */
export function isTakenOver(takeover: Takeover | undefined, at: number): takeover is Takeover {
  return takeover !== undefined && Math.abs(at - takeover.lastWordAt) < TAKEOVER_MS;
}

export interface NewOwnerMessage {
  readonly conversationId: string;
  /** The message is a turn of its own, without a question. */
  readonly turnId: string;
  readonly text: string;
  readonly name: string;
  /** The same key in the same conversation stores one message. */
  readonly idempotencyKey: string | undefined;
  readonly at: number;
}

export type StoredOwnerMessage =
  /** `isNew` is false when the same Idempotency-Key has stored it before, with this text or another. */
  | { readonly kind: "stored"; readonly message: Message; readonly isNew: boolean }
  /** An answer is under way, which must end first: messages are read in the order in which they are stored. */
  | { readonly kind: "busy" }
  | { readonly kind: "missing" };

export interface VersionRow {
  readonly id: string;
  readonly version: string;
}

/** Conversations that the owner has taken over, and what he writes in them. None of them finds a hidden conversation. */
export interface TakeoverStore {
  /**
   * From now on, questions of the conversation are stored and the model is not asked. An answer under way goes on: stop
   * it afterwards. Returns false when there is no such conversation.
   */
  takeOver(conversationId: string, by: { name: string; at: number }): Promise<boolean>;
  /** The model answers again. Returns false when the conversation was not taken over. */
  giveBack(conversationId: string): Promise<boolean>;
  /** The newest takeover that was not given back, also one whose time is over (isTakenOver). */
  findTakeover(conversationId: string): Promise<Takeover | undefined>;
  /**
   * Takes the conversation over, or goes on with it, and stores the message, in one transaction. May be repeated with
   * the same turn id when it is not known whether it succeeded: the message is stored once.
   * @throws ConversationFullError
   */
  addOwnerMessage(message: NewOwnerMessage): Promise<StoredOwnerMessage>;
  /**
   * For each of these conversations that is there a text that changes with every message, takeover and request in it. One
   * query for all of them.
   */
  versionsOf(conversationIds: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /** The owner's messages of a conversation after a message's id, the oldest first. */
  ownerMessagesAfter(
    conversationId: string,
    afterId: number,
    limit: number,
  ): Promise<readonly Message[]>;
}

/** The key of an owner's message as it is stored: no key of a visitor has a line end. */
export function ownerKey(key: string | undefined): string | null {
  return key === undefined ? null : `owner\n${key}`;
}
