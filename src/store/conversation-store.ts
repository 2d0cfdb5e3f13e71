import type { Conversation, Message } from "../conversation/records.ts";

export interface ConversationFilter {
  readonly limit: number;
  /** The `nextCursor` of the previous page. */
  readonly cursor?: ConversationCursor | undefined;
  /** Words that a message of the conversation must contain, in any order, as prefixes. */
  readonly search?: string | undefined;
  /** Last activity at or after this time. */
  readonly from?: number | undefined;
  /** Last activity before this time. */
  readonly to?: number | undefined;
}

export interface ConversationCursor {
  readonly updatedAt: number;
  /** A whole number by which the store orders conversations with the same time. */
  readonly position: number;
}

export interface ConversationPage {
  readonly conversations: readonly Conversation[];
  /** How many conversations match the filter. In an incomplete search there may be more. */
  readonly total: number;
  readonly nextCursor: ConversationCursor | undefined;
  /** Set for a search only. */
  readonly searched?: Searched;
}

/** How far a search went. */
export interface Searched {
  /** How many messages were searched, from the newest on. */
  readonly messages: number;
  /** Whether all messages were searched. A search ends early when its time is over or it has found enough. */
  readonly isComplete: boolean;
  /** How many words were ignored or shortened, because there were too many. */
  readonly wordsLeftOut: number;
}

/** Thrown when too many searches are under way. The caller should try again later. */
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
 * Reads conversations. Where `characters` is given, reading stops once the messages' texts have that many
 * characters. At least one message is read.
 */
export interface ConversationStore {
  /**
   * A page of the list or of a search, the last active first.
   * @throws TooManySearchesError when the filter has a search
   */
  listConversations(filter: ConversationFilter): Promise<ConversationPage>;
  findConversation(conversationId: string): Promise<Conversation | undefined>;
  findConversationBySession(sessionId: string): Promise<Conversation | undefined>;
  /** The newest messages of a conversation, or the newest ones before a message's id. The oldest comes first. */
  listMessages(
    conversationId: string,
    limit?: number,
    beforeId?: number,
    characters?: number,
  ): Promise<readonly Message[]>;
  /** The messages of a conversation after a message's id, the oldest first. */
  messagesAfter(
    conversationId: string,
    afterId: number,
    limit: number,
    characters?: number,
  ): Promise<readonly Message[]>;
  /** The id after which the newest messages begin: at most `limit`, and at most `bytes` of text. */
  historyStart(conversationId: string, limit: number, bytes: number): Promise<number>;
  /**
   * The messages of all conversations after the given id. A caller who continues after the last id misses no
   * message that was stored before the first call.
   */
  exportMessages(
    afterId: number,
    limit: number,
    characters?: number,
  ): Promise<readonly ExportedMessage[]>;
}
