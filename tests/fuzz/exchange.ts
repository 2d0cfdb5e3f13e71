import type { Answer } from "../support/answers.ts";

/** A request as it was sent. */
export interface Sent {
  readonly method: string;
  /** As it arrives, without the query. */
  readonly path: string;
  readonly query: string;
  readonly host: string;
  readonly headers: Headers;
  readonly body: Uint8Array<ArrayBuffer> | undefined;
}

/** A request, what came back, and what the server did meanwhile. */
export interface Exchange {
  readonly sent: Sent;
  readonly answer: Answer;
  /** The names of the store's writes, in their order. */
  readonly writes: readonly string[];
  /** The lines of the log. */
  readonly lines: readonly string[];
  /** Cookies, form and session tokens that a leak would show. */
  readonly tokens: readonly string[];
}
