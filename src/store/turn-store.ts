import type { AnswerSource, HistoryMessage, Message, Outcome } from "../conversation/records.ts";
import type { RefusedReservation, Reservation } from "./spending-store.ts";

/** How much of a conversation is sent to the model. */
export interface HistoryBounds {
  /** The number of messages, including the question. */
  readonly messages: number;
  /** The estimated tokens of all messages, including the question. */
  readonly tokens: number;
}

export interface NewTurn {
  readonly turnId: string;
  readonly sessionId: string;
  /** The replica that generates the answer (Peers.self). Empty in a single process. */
  readonly owner: string;
  readonly question: string;
  readonly idempotencyKey: string | undefined;
  readonly model: string;
  readonly at: number;
  /** What is set aside for the answer. Undefined: there is no budget. */
  readonly reservation?: Reservation | undefined;
  /** The model is not to be asked: the question is left to a person, as if the owner had taken over. */
  readonly isForPerson?: boolean | undefined;
  /** How much of the conversation to return. */
  readonly history: HistoryBounds;
}

/** The turn is stored, and its answer may be generated. */
export interface BegunTurn {
  readonly kind: "begun";
  readonly conversationId: string;
  /** The oldest message first. It begins with a question and ends with this turn's question. */
  readonly history: readonly HistoryMessage[];
}

export type Beginning =
  | BegunTurn
  /** The same Idempotency-Key has already begun a turn in this session, with this question or another. */
  | { readonly kind: "earlier"; readonly turn: StoredTurn }
  /** The owner has taken over: the question is stored, its answer is empty, and the model is not to be asked. */
  | { readonly kind: "person"; readonly turn: StoredTurn }
  /** The budget has no room for the answer. Nothing is stored. */
  | ({ readonly kind: "refused" } & RefusedReservation)
  /** An answer of this session is under way. */
  | { readonly kind: "busy" };

/** A stored turn: its question and its answer so far. */
export interface StoredTurn {
  readonly turnId: string;
  readonly sessionId: string;
  readonly conversationId: string;
  /** The replica that generates or has generated the answer. A store for a single process has none. */
  readonly owner?: string | undefined;
  readonly question: string;
  readonly answer: Message;
}

export interface Draft {
  readonly turnId: string;
  readonly content: string;
  /**
   * What the model was given, so that an answer that a crash cuts off keeps its sources. One draft of a turn has to
   * have them: the later ones leave them as they are.
   */
  readonly sources?: readonly AnswerSource[] | undefined;
}

/** Turns, from the question to the end of the answer. */
export interface TurnStore {
  /**
   * Decides whether the turn begins, and stores the question and an empty answer with the status `streaming`.
   * Both happen in one transaction, so that of two turns at the same time only one begins. May be repeated with the same turn
   * id when it is not known whether it succeeded: the turn begins once. When the newest
   * answer has failed or was cut, and the same question is asked again, the question is not stored twice.
   * @throws ConversationFullError
   */
  beginTurn(turn: NewTurn): Promise<Beginning>;
  /** Saves the text that answers under way have so far. Answers that have ended are left alone. */
  saveDrafts(drafts: readonly Draft[]): Promise<void>;
  /**
   * Ends an answer, in one transaction. Returns false, and changes nothing, when the answer had already ended
   * or was erased meanwhile. Without `sources`, those of its drafts stay.
   */
  finishTurn(turnId: string, outcome: Outcome): Promise<boolean>;
  /**
   * Marks the answers that a crash has left in `streaming` as `interrupted`; of several replicas, only those of
   * dead ones. Returns how many there were.
   */
  interruptUnfinishedTurns(): Promise<number>;

  /** The id of the turn whose answer is under way in the session. */
  activeTurnId(sessionId: string): Promise<string | undefined>;
  findTurn(turnId: string): Promise<StoredTurn | undefined>;
  findTurnByIdempotencyKey(sessionId: string, key: string): Promise<StoredTurn | undefined>;
}
