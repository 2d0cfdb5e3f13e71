import type {
  Conversation,
  ConversationKey,
  Message,
  MessageRole,
  MessageStatus,
} from "../conversation/records.ts";
import type { ListMark } from "./list-marks.ts";

export interface ConversationFilter {
  readonly limit: number;
  /** A cursor of another page. */
  readonly cursor?: ConversationCursor | undefined;
  /** Whether the page has `newer`. To count that takes longer, the further down the page is. */
  readonly countsNewer?: boolean | undefined;
  /** Only conversations that have it. */
  readonly mark?: ListMark | undefined;
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
  /** True for a page that ends before this place, shorter at the beginning. By default, a page begins after it. */
  readonly isBackwards?: boolean | undefined;
}

/** A conversation as the list shows it. */
export interface ListedConversation extends Conversation {
  /** The beginning of its first question. */
  readonly firstQuestion: string;
  /** The beginning of its newest answer, as the model wrote it. Empty when there is none yet. */
  readonly lastAnswer: string;
  /** How its newest answer ended, or `streaming`. Undefined while the conversation is being erased. */
  readonly lastStatus: MessageStatus | undefined;
  /** Whether the sources did not hold one of its answers. */
  readonly isUnanswered: boolean;
  /** Whether its visitor has rated one of the answers down. */
  readonly isRatedDown: boolean;
  /** Whether its visitor wants a person, and the owner has not closed that. */
  readonly isWanted: boolean;
  /** Set in a search. */
  readonly found?: FoundMessage;
}

/** The newest message that a search has found in a conversation, and the part of it that has the words. */
export interface FoundMessage {
  readonly messageId: number;
  readonly role: MessageRole;
  /** A part of its text, in one line and without Markdown. */
  readonly text: string;
  /** Where the words are in this part: the first character, and the one after the last. */
  readonly marks: readonly TextRange[];
}

export type TextRange = readonly [start: number, end: number];

export interface ConversationPage {
  readonly conversations: readonly ListedConversation[];
  /** How many conversations match the filter. In an incomplete search there may be more. */
  readonly total: number;
  /** How many of them come before the first of this page. Undefined unless the filter asks for it. */
  readonly newer: number | undefined;
  /** For the page after this one. Undefined when this is the last. */
  readonly nextCursor: ConversationCursor | undefined;
  /** For the page before this one. Undefined when this is the first. */
  readonly previousCursor: ConversationCursor | undefined;
  /** Set for a search only. */
  readonly searched?: Searched;
}

/** A page without what the list shows of its conversations, and without counts. */
export interface KeyPage {
  readonly conversations: readonly ConversationKey[];
  /** For the page that follows in the direction of the filter's cursor. Undefined when this is the last. */
  readonly followingCursor: ConversationCursor | undefined;
  /** Set for a search only. */
  readonly searched?: Searched | undefined;
}

/** On which side of another a conversation stands in the list. */
export type Side = "newer" | "older";

/** How far a search went. */
export interface Searched {
  /** How many messages were searched, from the newest on. */
  readonly messages: number;
  /** Whether all messages were searched. A search ends early when its time is over or it has found enough. */
  readonly isComplete: boolean;
  /** Set while the search index is being built: messages before the newest ones are not in it yet. */
  readonly isBuilding?: true;
  /** How many of them matched, at most MAX_FOUND_MESSAGES. With dates or a mark, those of such conversations. */
  readonly matches: number;
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

/** The conversation of a visitor who looks at it. */
export interface VisitorConversation extends Conversation {
  /** Whether the owner has ever taken it over. Otherwise there is no takeover to look for. */
  readonly wasTakenOver: boolean;
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
  /**
   * Which conversations listConversations would return. Each page costs the same, however many there are.
   * @throws TooManySearchesError when the filter has a search
   */
  listKeys(filter: ConversationFilter): Promise<KeyPage>;
  /** How many conversations match the filter and come before the cursor. The filter's search is ignored. */
  countNewer(filter: ConversationFilter, cursor: ConversationCursor): Promise<number>;
  /**
   * The id of the conversation beside one in the list or search, whatever the cursor of the filter.
   * @throws TooManySearchesError when the filter has a search
   */
  findNeighbour(
    conversationId: string,
    filter: ConversationFilter,
    side: Side,
  ): Promise<string | undefined>;
  findConversation(conversationId: string): Promise<Conversation | undefined>;
  findConversationBySession(sessionId: string): Promise<VisitorConversation | undefined>;
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
