import type { Conversation, Message } from "../conversation/records.ts";

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
  /** A whole number by which the store orders conversations of one and the same time. */
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
  /** Whether these are all. A search ends when it has taken its time, or found more than enough. */
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

export interface ExportedMessage extends Message {
  readonly conversationId: string;
  readonly sessionId: string;
}

/**
 * Conversations as they are read. Where a number of characters is given, no more messages are read once
 * their texts have so many; one is read in any case.
 */
export interface ConversationStore {
  /**
   * A page of the list, or of a search: the last active first.
   * @throws TooManySearchesError where the filter has words to search for
   */
  listConversations(filter: ConversationFilter): Promise<ConversationPage>;
  findConversation(conversationId: string): Promise<Conversation | undefined>;
  findConversationBySession(sessionId: string): Promise<Conversation | undefined>;
  /** The newest messages of a conversation, or the newest before a message's id, oldest first. */
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
   * The messages of all conversations after the given id. Whoever goes on after the last id misses none
   * of those that were stored before the first call.
   */
  exportMessages(
    afterId: number,
    limit: number,
    characters?: number,
  ): Promise<readonly ExportedMessage[]>;
}
