/** A question whose answer the sources did not hold, as the model says (grounding `none`). */
export interface UnansweredQuestion {
  readonly conversationId: string;
  /** The turn of that answer. */
  readonly turnId: string;
  readonly question: string;
  /** When it was asked. */
  readonly at: number;
}

/** How many dismissed questions are remembered. */
export const MAX_DISMISSED = 1000;

/** What visitors have asked and the owner's pages do not say. */
export interface UnansweredStore {
  /** The newest first, those of erased conversations left out. */
  listUnanswered(limit: number): Promise<readonly UnansweredQuestion[]>;
  /** The keys that were dismissed, the newest MAX_DISMISSED, the newest first. */
  listDismissed(): Promise<readonly string[]>;
  /**
   * Remembers that the owner does not want to see a question any more.
   * @param key stands for the same question in other spellings. It outlives the conversation, so it may not have a
   * text that a visitor wrote: a hash of its words.
   */
  dismissUnanswered(key: string, at: number): Promise<void>;
}
