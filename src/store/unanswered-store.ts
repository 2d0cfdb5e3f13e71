import type { Grounding, MessageStatus, RatingValue } from "../conversation/records.ts";

/**
 * Why the answer to a question is not a good one. `failed`: it failed or was cut off. `stopped`: by the visitor.
 * `rated_down`: by the visitor. `unknown`: the model says that it does not know. `nothing_found`: nothing that the bot knows
 * fitted, and the model has answered without. `wanted_person`: the visitor asked for a person after it.
 */
export const POOR_REASONS = [
  "failed",
  "stopped",
  "rated_down",
  "unknown",
  "nothing_found",
  "wanted_person",
] as const;
export type PoorReason = (typeof POOR_REASONS)[number];

/** A question without a good answer. */
export interface UnansweredQuestion {
  readonly conversationId: string;
  /** The turn of that answer. */
  readonly turnId: string;
  /** Of the question. */
  readonly messageId: number;
  /** Its first MAX_QUESTION_LENGTH characters. */
  readonly question: string;
  /** When it was asked. */
  readonly at: number;
  /** One at least. */
  readonly reasons: readonly PoorReason[];
}

/** A question that the owner does not want to see any more. */
export interface SettledQuestion {
  /** Stands for the same words in any spelling. */
  readonly key: string;
  /** When it was dismissed or answered. */
  readonly at: number;
  /** Whether he has answered it. Otherwise he has dismissed it. */
  readonly isAnswered: boolean;
}

/** How many settled questions are remembered. */
export const MAX_SETTLED = 5000;
/** What is read of a question, in characters. */
export const MAX_QUESTION_LENGTH = 500;

/** What visitors have asked without getting a good answer. What is read follows from the stored messages and requests. */
export interface UnansweredStore {
  /** The newest first, those of erased conversations left out. */
  listUnanswered(limit: number): Promise<readonly UnansweredQuestion[]>;
  /** The newest MAX_SETTLED, the newest first. */
  listSettled(): Promise<readonly SettledQuestion[]>;
  /**
   * Remembers that the owner is done with questions.
   * @param keys outlive the conversations, so they may not have a text that a visitor wrote: hashes of words
   */
  settleQuestions(keys: readonly string[], how: Omit<SettledQuestion, "key">): Promise<void>;
}

/**
 * The condition on an answer, in the words of the index `messages_poor`. Without the requests, of which there are few.
 */
export const IS_POOR = `status IN ('failed', 'interrupted', 'stopped')
  OR grounding IN ('none', 'unsourced') OR rating = 'negative'`;

/** As both stores read it. */
export interface UnansweredRow extends Omit<UnansweredQuestion, "reasons"> {
  readonly status: MessageStatus;
  readonly grounding: Grounding | null;
  readonly rating: RatingValue | null;
  /** Not 0: the visitor asked for a person after it. */
  readonly isWanted: number;
}

/** What a row says, with its reasons in their order. */
export function toUnanswered(row: UnansweredRow): UnansweredQuestion {
  const { status, grounding, rating, isWanted, ...question } = row;
  const holds: Readonly<Record<PoorReason, boolean>> = {
    failed: status === "failed" || status === "interrupted",
    stopped: status === "stopped",
    rated_down: rating === "negative",
    unknown: grounding === "none",
    nothing_found: grounding === "unsourced",
    wanted_person: isWanted !== 0,
  };
  return { ...question, reasons: POOR_REASONS.filter((reason) => holds[reason]) };
}
