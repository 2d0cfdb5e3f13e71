/**
 * The longest conversation. Nobody writes as much, but without a bound one session could fill the database
 * and make its pages slow.
 */
export const MAX_CONVERSATION_MESSAGES = 10_000;

/** Thrown when a question would make a conversation too long. */
export class ConversationFullError extends Error {
  constructor() {
    super("The conversation is as long as it may be.");
    this.name = "ConversationFullError";
  }
}
