import type { ConversationPage } from "../conversation-store.ts";

/** What the process that searches says to the server, a line of JSON each. */
export type SearchMessage =
  | { readonly kind: "ready" }
  /** True of what was looked at so far. */
  | { readonly kind: "answer"; readonly page: ConversationPage }
  /** The answer before this was the last. */
  | { readonly kind: "end" }
  | { readonly kind: "failed"; readonly message: string };
