import type { ConversationStore } from "./conversation-store.ts";
import type { TurnStore } from "./turn-store.ts";

export interface ErasureStore {
  /**
   * Erases a conversation: nothing finds it any more, and its words are overwritten as soon as the
   * database allows it. False when there was none. A crash may leave a part, to be erased again.
   */
  deleteConversation(conversationId: string): Promise<boolean>;
  /**
   * Takes one step, short enough for visitors not to notice, towards a database without the conversations
   * whose last activity was before the given time. Those with an answer under way are left alone. To be
   * called until it is done.
   */
  expireConversations(before: number): Promise<ExpiryStep>;
}

export interface ExpiryStep {
  /** How many conversations have gone with this step. */
  readonly conversations: number;
  /** False when there is more to do. */
  readonly isDone: boolean;
}

export interface FigureStore {
  /** The days from the first to the last time on which anything happened, oldest first. */
  dailyFigures(from: number, to: number): Promise<readonly DailyFigures[]>;
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

export interface OwnerSessionStore {
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
}

export interface SecretStore {
  /** The named secret of this server, made and kept at the first call. */
  secret(name: string, make: () => string): Promise<string>;
}

/** What searches look through. A store whose index is always whole is done at once. */
export interface SearchIndexStore {
  /** Takes one small step towards an index that holds everything. To be called until it is done. */
  rebuildSearchIndex(): Promise<RebuildProgress>;
  /** How much of the search index is there, from 0 to 1. */
  searchBuiltShare(): Promise<number>;
}

export interface RebuildProgress {
  readonly isDone: boolean;
  /** How much of the search index is there, from 0 to 1. */
  readonly builtShare: number;
}

export interface StoreHealth {
  /** Resolves when the database answers, and no write has found it damaged. */
  ping(): Promise<void>;
  /** What the database takes up, in bytes. */
  sizeBytes(): Promise<number>;
  /** Of these, what holds something; the rest is used before the database grows. */
  usedBytes(): Promise<number>;
}

/**
 * The seam to the database, of which everybody takes the part that it needs. A promise that resolves means
 * that what was written survives the death of the process.
 */
export interface Store
  extends
    TurnStore,
    ConversationStore,
    ErasureStore,
    FigureStore,
    OwnerSessionStore,
    SecretStore,
    SearchIndexStore,
    StoreHealth {
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
