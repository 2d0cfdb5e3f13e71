import type { ConversationPage } from "../conversation-store.ts";

/** The messages from the search process to the server, one line of JSON each. */
export type SearchMessage =
  | { readonly kind: "ready" }
  /** The result for the messages that were searched so far. */
  | { readonly kind: "answer"; readonly page: ConversationPage }
  /** The previous answer was the last one. */
  | { readonly kind: "end" }
  | { readonly kind: "failed"; readonly message: string };
