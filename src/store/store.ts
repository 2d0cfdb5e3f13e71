import type { ConversationKey, Grounding, RatingValue } from "../conversation/records.ts";
import type { AnswerTestStore } from "./answer-test-store.ts";
import type { ConversationStore } from "./conversation-store.ts";
import type { KnowledgeStore } from "./knowledge-store.ts";
import type { NoticeStore } from "./notice-store.ts";
import type { OwnerPasswordStore } from "./owner-password-store.ts";
import type { RatingStore } from "./rating-store.ts";
import type { RefusedOriginStore } from "./refused-origin-store.ts";
import type { RequestStore } from "./request-store.ts";
import type { SettingsStore } from "./settings-store.ts";
import type { SetupFactStore } from "./setup-fact-store.ts";
import type { SpendingStore } from "./spending-store.ts";
import type { TakeoverStore } from "./takeover-store.ts";
import type { TurnStore } from "./turn-store.ts";
import type { UnansweredStore } from "./unanswered-store.ts";

export interface ErasureStore {
  /**
   * Erases a conversation, also a hidden one: nothing finds it any more, and its text is overwritten as soon as the database
   * allows it. Returns false when it did not exist. After a crash, a part may be left; erase it again.
   */
  deleteConversation(conversationId: string): Promise<boolean>;
  /** The conversations of an id or a session that can be erased: also hidden ones, as they were before. */
  listErasable(by: "id" | "session_id", value: string): Promise<readonly ConversationKey[]>;
  /**
   * Hides a conversation: for everybody it is as if it were erased, and its visitor begins another one. It can be
   * restored until it is erased. Returns false when it did not exist.
   * @param eraseAt when eraseHidden erases it
   */
  hideConversation(conversationId: string, eraseAt: number): Promise<boolean>;
  /**
   * Restores a hidden conversation. If its visitor has begun another one meanwhile, that one stays his.
   * @returns false when it is gone, or is to be erased at that time
   */
  restoreConversation(conversationId: string, at: number): Promise<boolean>;
  /** Erases one of the hidden conversations that are to be erased by that time. Returns whether there was one. */
  eraseHidden(at: number): Promise<boolean>;
  /**
   * Deletes some of the conversations whose last activity was before the given time, in one step that is too
   * short for visitors to notice. Conversations with an answer under way are left alone. Call it until it is
   * done.
   */
  expireConversations(before: number): Promise<ExpiryStep>;
  /**
   * Milliseconds since the epoch by the clock of the database's machine: a second witness of the time. Undefined
   * when the database is in this process and has no clock of its own.
   */
  databaseTime(): Promise<number | undefined>;
}

export interface ExpiryStep {
  /** How many conversations this step has deleted. */
  readonly conversations: number;
  /** False when there is more to do. */
  readonly isDone: boolean;
}

export interface FigureStore {
  /**
   * The days with any activity, the oldest first.
   * @param from the first day, in the form of DailyFigures.day
   * @param to the last one
   */
  dailyFigures(from: number, to: number): Promise<readonly DailyFigures[]>;
}

/** So many answers had their first token after so many milliseconds, to two significant digits. */
export interface FirstTokens {
  readonly ms: number;
  readonly answers: number;
}

/**
 * The figures of one day in the time zone that the owner had then. Erased messages stay counted, because figures contain
 * no text.
 */
export interface DailyFigures {
  /** The midnight, in UTC, of the date. */
  readonly day: number;
  /** Conversations that began on that day. */
  readonly conversations: number;
  /** Questions and answers. */
  readonly messages: number;
  /** Tokens of prompts (questions and history) and answers, as the model server counted them. */
  readonly tokens: number;
  /** Answers that failed or were interrupted. */
  readonly errors: number;
  /** To two significant digits; undefined on a day without an answer. */
  readonly medianFirstTokenMs: number | undefined;
  /** How many answers had which time, the shortest first. The median of several days needs it. */
  readonly firstTokens: readonly FirstTokens[];
  /** Answers that were given sources, by whether they stand on these. */
  readonly groundings: Readonly<Record<Grounding, number>>;
  /** How many of the answers to that day's questions are rated, by their ratings. */
  readonly ratings: Readonly<Record<RatingValue, number>>;
}

/** A login of the owner. The hash does not reveal the cookie that it was made from. */
export interface OwnerSession {
  readonly hash: string;
  readonly createdAt: number;
  readonly usedAt: number;
}

export interface OwnerSessionStore {
  /** Stores a new login. */
  saveOwnerSession(session: OwnerSession): Promise<void>;
  /** Stores a later use of a login. Returns false when the login has ended meanwhile; it stays ended. */
  touchOwnerSession(hash: string, usedAt: number): Promise<boolean>;
  findOwnerSession(hash: string): Promise<OwnerSession | undefined>;
  deleteOwnerSession(hash: string): Promise<void>;
  /** Deletes the logins that were made or last used before the given times. */
  deleteOwnerSessions(before: {
    readonly createdAt: number;
    readonly usedAt: number;
  }): Promise<void>;
}

export interface SecretStore {
  /** The secret of this server with that name. The first call makes and stores it. */
  secret(name: string, make: () => string): Promise<string>;
}

/** The search index. A store whose index is always complete is done at once. */
export interface SearchIndexStore {
  /** Adds a few messages to the index in one short step. Call it until it is done. */
  rebuildSearchIndex(): Promise<RebuildProgress>;
  /** How much of the search index is there, from 0 to 1. */
  searchBuiltShare(): Promise<number>;
}

/** The marks of the list (list-marks.ts) of conversations from before an update that has brought them. */
export interface MarkStore {
  /** Looks at some conversations in one short step. Call it until it returns true: then all have their marks. */
  fillMarks(): Promise<boolean>;
}

export interface RebuildProgress {
  readonly isDone: boolean;
  /** How much of the search index is there, from 0 to 1. */
  readonly builtShare: number;
}

export interface StoreHealth {
  /** Resolves when the database answers and no write has found it damaged. */
  ping(): Promise<void>;
  /** The size of the database in bytes. */
  sizeBytes(): Promise<number>;
  /** How many of these bytes hold data. The rest is used before the database grows. */
  usedBytes(): Promise<number>;
}

/**
 * The seam to the database. Each user of the store asks only for the parts that it needs. When a promise
 * resolves, the written data survives the death of the process.
 */
export interface Store
  extends
    TurnStore,
    ConversationStore,
    ErasureStore,
    FigureStore,
    OwnerSessionStore,
    OwnerPasswordStore,
    SecretStore,
    SettingsStore,
    RefusedOriginStore,
    SetupFactStore,
    SearchIndexStore,
    MarkStore,
    KnowledgeStore,
    UnansweredStore,
    AnswerTestStore,
    RatingStore,
    RequestStore,
    TakeoverStore,
    NoticeStore,
    SpendingStore,
    StoreHealth {
  close(): Promise<void>;
}

/** The state of a database, for the doctor. */
export type DatabaseState =
  | { readonly kind: "missing" }
  | {
      readonly kind: "found";
      readonly schema: number;
      /** The newest schema that this version knows. */
      readonly knownSchema: number;
      readonly damages: readonly string[];
      readonly sizeBytes: number;
      /** How many of these bytes hold data. The rest is used before the file grows. */
      readonly usedBytes: number;
      /** How much of the search index is there, from 0 to 1. */
      readonly builtShare: number;
      readonly isReadableByOthers: boolean;
    };
