import type { HistoryMessage, Message, Outcome } from "../conversation/records.ts";

/** How much of a conversation the model is sent. */
export interface HistoryBounds {
  /** Messages, the question included. */
  readonly messages: number;
  /** Of all messages together, the question included, estimated. */
  readonly tokens: number;
}

export interface NewTurn {
  readonly turnId: string;
  readonly sessionId: string;
  readonly question: string;
  readonly idempotencyKey: string | undefined;
  readonly model: string;
  readonly at: number;
  /** How much of the conversation to return. */
  readonly history: HistoryBounds;
}

/** A turn that was stored, and may be generated. */
export interface BegunTurn {
  readonly kind: "begun";
  readonly conversationId: string;
  /** Oldest first; begins with a question and ends with this turn's. */
  readonly history: readonly HistoryMessage[];
}

export type Beginning =
  | BegunTurn
  /** The same Idempotency-Key has begun a turn in this session before, in these words or others. */
  | { readonly kind: "earlier"; readonly turn: StoredTurn }
  /** An answer of this session is under way. */
  | { readonly kind: "busy" };

/** A turn as it was stored: its question and what there is of its answer. */
export interface StoredTurn {
  readonly turnId: string;
  readonly sessionId: string;
  readonly conversationId: string;
  readonly question: string;
  readonly answer: Message;
}

export interface Draft {
  readonly turnId: string;
  readonly content: string;
}

/** Turns, from the question to the end of the answer. */
export interface TurnStore {
  /**
   * Decides whether the turn begins, and stores the question and an empty answer in status `streaming`, in
   * one transaction: of two at the same time, one begins. The question whose answer has just failed or was
   * cut, asked again in the same words, is not stored twice.
   * @throws ConversationFullError
   */
  beginTurn(turn: NewTurn): Promise<Beginning>;
  /** Saves the text that answers under way have so far. Answers that have ended are left alone. */
  saveDrafts(drafts: readonly Draft[]): Promise<void>;
  /**
   * Ends an answer, in one transaction. False when it had ended already or was erased meanwhile, which it
   * then stays.
   */
  finishTurn(turnId: string, outcome: Outcome): Promise<boolean>;
  /** Marks answers that a crash left in `streaming` as `interrupted`; returns how many. */
  interruptUnfinishedTurns(): Promise<number>;

  /** The turn whose answer a session has under way. */
  activeTurnId(sessionId: string): Promise<string | undefined>;
  findTurn(turnId: string): Promise<StoredTurn | undefined>;
  findTurnByIdempotencyKey(sessionId: string, key: string): Promise<StoredTurn | undefined>;
}
