/** The records of a conversation: what is stored, shown and sent to the model. */

export const MESSAGE_ROLES = ["user", "assistant"] as const;
export type MessageRole = (typeof MESSAGE_ROLES)[number];

/** The life of an answer. A question is `complete` from the start (contract section 4). */
export const MESSAGE_STATUSES = [
  "complete",
  "streaming",
  "stopped",
  "interrupted",
  "failed",
] as const;
export type MessageStatus = (typeof MESSAGE_STATUSES)[number];
/** How an answer can end. */
export type FinalStatus = Exclude<MessageStatus, "streaming">;

/**
 * Why an answer ended. `stopped`: by the stop call, or because all its readers had left. `person`: the owner has taken
 * over. Then the model was not asked, and the answer is empty, or it was cut off.
 */
export const FINISH_REASONS = ["stop", "length", "content_filter", "stopped", "person"] as const;
export type FinishReason = (typeof FINISH_REASONS)[number];

/** Why an answer was not given or not finished: public error codes. */
export const TURN_ERRORS = [
  "model_error",
  "model_busy",
  "model_timeout",
  "interrupted",
  "draining",
  "model_off",
  "internal_error",
] as const;
export type TurnError = (typeof TURN_ERRORS)[number];

/**
 * Whether an answer stands on the owner's pages. `cited`: it names a source. `uncited`: it had sources and names none.
 * `none`: the model says that it does not know the answer, or that its sources do not hold it. `unsourced`: nothing that
 * the bot knows fits the question.
 */
export const GROUNDINGS = ["cited", "uncited", "none", "unsourced"] as const;
export type Grounding = (typeof GROUNDINGS)[number];

/** A passage of the owner's pages that the model was given for an answer, as it was then. */
export interface AnswerSource {
  /** The number by which the answer names it: [1]. */
  readonly number: number;
  readonly title: string;
  /** The headings above the passage, joined by " › ". Empty when there are none. */
  readonly heading: string;
  /** Where visitors can read it. Undefined for notes and files. */
  readonly url: string | undefined;
  /** Whether the answer names it. */
  readonly isCited: boolean;
}

export const RATINGS = ["positive", "negative"] as const;
export type RatingValue = (typeof RATINGS)[number];

/** Why a visitor rates an answer down. */
export const RATING_REASONS = ["wrong", "incomplete", "off_topic", "other"] as const;
export type RatingReason = (typeof RATING_REASONS)[number];

/** What a visitor thinks of an answer. Only a negative rating has reasons and a comment. */
export interface Rating {
  readonly value: RatingValue;
  readonly reasons: readonly RatingReason[];
  /** In the visitor's words, at most 1,000 characters. */
  readonly comment?: string;
  readonly at: number;
}

/** Tokens as the model server counted them. */
export interface TokenUsage {
  readonly promptTokens: number;
  readonly completionTokens: number;
  readonly totalTokens: number;
}

/** Who wrote a message in place of the model: the owner, under the name that his visitors see. */
export interface MessageAuthor {
  readonly kind: "owner";
  readonly name: string;
}

export interface Conversation {
  readonly id: string;
  readonly sessionId: string;
  /** Milliseconds since the epoch, like every time in a record. */
  readonly createdAt: number;
  readonly updatedAt: number;
  /** The beginning of the newest message. */
  readonly lastMessage: string;
  /** Of those that are shown: an answer that isLeftToPerson is not counted. */
  readonly messageCount: number;
}

export type ConversationKey = Pick<Conversation, "id" | "sessionId">;

export interface Message {
  /** Later messages of the same conversation have higher ids. */
  readonly id: number;
  readonly turnId: string;
  readonly role: MessageRole;
  readonly content: string;
  readonly status: MessageStatus;
  readonly createdAt: number;
  /** Set for what the owner wrote. Such a message has the role `assistant`, and no question. */
  readonly author?: MessageAuthor;
  /** The fields below are set for answers only, and only once they are known. */
  readonly model?: string;
  readonly usage?: TokenUsage;
  readonly finishReason?: FinishReason;
  readonly errorCode?: string;
  /** Milliseconds from the question to the first token. */
  readonly firstTokenMs?: number;
  /** Milliseconds from the question to the end of the answer. */
  readonly durationMs?: number;
  /** Missing where the bot was to answer without sources and did. */
  readonly grounding?: Grounding;
  /** Set only for answers that were given sources. */
  readonly sources?: readonly AnswerSource[];
  /** What the answer cost, in millionths of the owner's currency. Missing where it cost nothing, or nobody knows. */
  readonly cost?: number;
  /** Set once the visitor has rated the answer. */
  readonly rating?: Rating;
}

/** How an answer ended. The generation returns it, the store writes it, the last event is made from it. */
export interface Outcome {
  readonly content: string;
  readonly status: FinalStatus;
  readonly usage?: TokenUsage | undefined;
  readonly finishReason?: FinishReason | undefined;
  readonly errorCode?: TurnError | undefined;
  readonly firstTokenMs?: number | undefined;
  readonly durationMs?: number | undefined;
  /** The two below as those of a message. */
  readonly grounding?: Grounding | undefined;
  readonly sources?: readonly AnswerSource[] | undefined;
  /** What the call of the model is counted as. Undefined: what was reserved for it, if anything was. */
  readonly spent?: SpentByAnswer | undefined;
  /** When it ended. */
  readonly at: number;
}

/** What an answer is counted as, and when. */
export interface SpentByAnswer {
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** In millionths of the owner's currency. Undefined: it cost nothing, or nobody knows. */
  readonly cost: number | undefined;
  /** The day and the month of the question, in the owner's time zone: 2026-11-26 and 2026-11. */
  readonly day: string;
  readonly month: string;
  /**
   * Whether it was set aside when the turn began. Then it is counted only in place of that, so that it is not counted after
   * somebody else has settled it.
   */
  readonly isReserved: boolean;
}

type Ending = Pick<Outcome, "content" | "finishReason">;

/** Whether it is the empty answer to a question that is left to a person. It is not shown. */
export function isLeftToPerson({ finishReason, content }: Ending): boolean {
  return finishReason === "person" && content === "";
}

/** The messages that are shown, in their order. */
export function shownOf(messages: readonly Message[]): readonly Message[] {
  return messages.filter((message) => !isLeftToPerson(message));
}

/** Whether the owner has taken over while the model was answering. To the visitor, the answer was stopped. */
export function isCutByPerson({ finishReason, content }: Ending): boolean {
  return finishReason === "person" && content !== "";
}

export interface Thread {
  readonly conversation: Conversation;
  readonly messages: readonly Message[];
  /** Set while the owner answers in place of the model. */
  readonly takeover?: {
    readonly name: string;
    readonly begunAt: number;
    readonly lastWordAt: number;
  };
}

/** One message as it is sent to the language model. */
export interface HistoryMessage {
  readonly role: MessageRole;
  readonly content: string;
}
