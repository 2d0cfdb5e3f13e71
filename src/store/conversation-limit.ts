/**
 * What a conversation can hold: more than anybody writes, and few enough that nobody fills a database with
 * one session, or makes its pages slow.
 */
export const MAX_CONVERSATION_MESSAGES = 10_000;

/** Thrown when a question would make a conversation longer than that. */
export class ConversationFullError extends Error {
  constructor() {
    super("The conversation is as long as it may be.");
    this.name = "ConversationFullError";
  }
}
