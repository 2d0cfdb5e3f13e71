import type { Answer } from "../support/answers.ts";

/** A request as it was sent. */
export interface Sent {
  readonly method: string;
  /** The path as it arrives, without the query. */
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
  /** How many conversations the owner had deleted before, which an erasure may find, too. */
  readonly hidden: number;
  /** The log's lines. */
  readonly lines: readonly string[];
  /** Cookies, form tokens and session tokens that must not leak. */
  readonly tokens: readonly string[];
}
