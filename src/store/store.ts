import type { Conversation, HistoryMessage, Message, Outcome } from "../conversation/records.ts";

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

export interface BegunTurn {
  readonly conversationId: string;
  /** Oldest first; begins with a question and ends with this turn's. */
  readonly history: readonly HistoryMessage[];
}

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

export interface ConversationFilter {
  readonly limit: number;
  /** Where the page before ended; from `nextCursor`. */
  readonly cursor?: ConversationCursor | undefined;
  /** Words that a message of the conversation must hold, in any order, as prefixes. */
  readonly search?: string | undefined;
  /** Last activity at or after this time. */
  readonly from?: number | undefined;
  /** Last activity before this time. */
  readonly to?: number | undefined;
}

export interface ConversationCursor {
  readonly updatedAt: number;
  readonly position: number;
}

export interface ConversationPage {
  readonly conversations: readonly Conversation[];
  /** How many conversations fit the filter; in a search that is not complete, at least so many. */
  readonly total: number;
  readonly nextCursor: ConversationCursor | undefined;
  /** Of a search only. */
  readonly searched?: Searched;
}

/** How far a search went. */
export interface Searched {
  /** The newest so many messages were looked at. */
  readonly messages: number;
  /** Whether these are all. A search ends with the time it has, and with 5,000 messages that fit. */
  readonly isComplete: boolean;
  /** Words that were not looked for, or not to their end, because there were too many. */
  readonly wordsLeftOut: number;
}

/** Thrown when so many searches are under way that another one has to come again. */
export class TooManySearchesError extends Error {
  constructor() {
    super("Too many searches are under way.");
    this.name = "TooManySearchesError";
  }
}

export interface RebuildProgress {
  readonly isDone: boolean;
  /** How much of the search index is there, from 0 to 1. */
  readonly builtShare: number;
}

export interface ExportedMessage extends Message {
  readonly conversationId: string;
  readonly sessionId: string;
}

export interface ExpiryStep {
  /** How many conversations have gone with this step. */
  readonly conversations: number;
  /** False when there is more to do. */
  readonly isDone: boolean;
}

/** What happened on one day (UTC). What was erased since stays counted: figures hold nobody's words. */
export interface DailyFigures {
  /** Midnight at which the day began. */
  readonly day: number;
  /** Begun on that day. */
  readonly conversations: number;
  /** Questions and answers. */
  readonly messages: number;
  /** Tokens of the questions with their history and of the answers, as the model server counted. */
  readonly tokens: number;
  /** Answers that failed or were interrupted. */
  readonly errors: number;
  /** To two significant digits; undefined on a day without an answer. */
  readonly medianFirstTokenMs: number | undefined;
}

/** A login of the owner. The hash tells nothing of the cookie that it was made of. */
export interface OwnerSession {
  readonly hash: string;
  readonly createdAt: number;
  readonly usedAt: number;
}

/**
 * The seam to the database. A promise that resolves means that what was written survives the death of
 * the process.
 */
export interface Store {
  /**
   * Stores the question and an empty answer in status `streaming`, in one transaction. The question
   * whose answer has just failed or was cut, asked again in the same words, is not stored twice.
   * @throws ConversationFullError
   */
  beginTurn(turn: NewTurn): Promise<BegunTurn>;
  /** Saves the text that answers under way have so far. Answers that have ended are left alone. */
  saveDrafts(drafts: readonly Draft[]): Promise<void>;
  /** Ends an answer, in one transaction. An answer that was erased meanwhile stays erased. */
  finishTurn(turnId: string, outcome: Outcome): Promise<void>;
  /** Marks answers that a crash left in `streaming` as `interrupted`; returns how many. */
  interruptUnfinishedTurns(): Promise<number>;

  findTurn(turnId: string): Promise<StoredTurn | undefined>;
  findTurnByIdempotencyKey(sessionId: string, key: string): Promise<StoredTurn | undefined>;

  /** @throws TooManySearchesError where the filter has words to search for */
  listConversations(filter: ConversationFilter): Promise<ConversationPage>;
  /**
   * Takes one small step towards a search index that holds everything, after an update that indexes in
   * another way. To be called until it is done.
   */
  rebuildSearchIndex(): Promise<RebuildProgress>;
  /** How much of the search index is there, from 0 to 1. */
  searchBuiltShare(): Promise<number>;
  findConversation(conversationId: string): Promise<Conversation | undefined>;
  findConversationBySession(sessionId: string): Promise<Conversation | undefined>;
  /**
   * The newest messages of a conversation, or the newest before a message's id, oldest first. Here and
   * below, no more are read once their texts have the given characters; one is read in any case.
   */
  listMessages(
    conversationId: string,
    limit?: number,
    beforeId?: number,
    characters?: number,
  ): Promise<readonly Message[]>;
  /** The messages of a conversation after a message's id, oldest first. */
  messagesAfter(
    conversationId: string,
    afterId: number,
    limit: number,
    characters?: number,
  ): Promise<readonly Message[]>;
  /** After which id the newest messages begin that are so many, and whose texts have so many bytes. */
  historyStart(conversationId: string, limit: number, bytes: number): Promise<number>;
  /**
   * Deletes the conversation from the file too, not only from sight; false when there was none. A long
   * one goes in steps, the newest messages first: a crash leaves its beginning, to be deleted again.
   */
  deleteConversation(conversationId: string): Promise<boolean>;
  /**
   * Takes one small step, a few milliseconds long, towards a file without the conversations whose last
   * activity was before the given time, as deleteConversation, and without the space they took. Those
   * with an answer under way are left alone. To be called until it is done.
   */
  expireConversations(before: number): Promise<ExpiryStep>;
  /** Messages after the given id in the order they were stored, for the export. */
  exportMessages(
    afterId: number,
    limit: number,
    characters?: number,
  ): Promise<readonly ExportedMessage[]>;

  /** The days from the first to the last time on which anything happened, oldest first. */
  dailyFigures(from: number, to: number): Promise<readonly DailyFigures[]>;

  /** Stores a new login. */
  saveOwnerSession(session: OwnerSession): Promise<void>;
  /** Notes a later use of a login; false when it has ended meanwhile, and it stays ended. */
  touchOwnerSession(hash: string, usedAt: number): Promise<boolean>;
  findOwnerSession(hash: string): Promise<OwnerSession | undefined>;
  deleteOwnerSession(hash: string): Promise<void>;
  /** Deletes the logins made, or last used, before the given times. */
  deleteOwnerSessions(before: {
    readonly createdAt: number;
    readonly usedAt: number;
  }): Promise<void>;

  /** The named secret of this server, made and kept at the first call. */
  secret(name: string, make: () => string): Promise<string>;
  /** What the database takes up, in bytes. */
  sizeBytes(): Promise<number>;
  /** Of these, what holds something; the rest is used before the database grows. */
  usedBytes(): Promise<number>;
  /** Resolves when the database answers, and no write has found it damaged. */
  ping(): Promise<void>;
  close(): Promise<void>;
}

/** A database as the doctor finds it. */
export type DatabaseState =
  | { readonly kind: "missing" }
  | {
      readonly kind: "found";
      readonly schema: number;
      /** The newest schema that this version knows. */
      readonly knownSchema: number;
      readonly damages: readonly string[];
      readonly sizeBytes: number;
      /** Of these, what holds something; the rest is used before the file grows. */
      readonly usedBytes: number;
      /** How much of the search index is there, from 0 to 1. */
      readonly builtShare: number;
      readonly isReadableByOthers: boolean;
    };
