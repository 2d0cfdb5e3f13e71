/** `json` asks the model without streaming, which costs a tenth and gives one token. */
export type GenerationMode = "stream" | "json";

/** What a visitor asks, as every part of a turn's beginning gets it. */
export interface Question {
  readonly sessionId: string;
  readonly message: string;
  readonly idempotencyKey: string | undefined;
  readonly mode: GenerationMode;
  /** Joins the log lines of the request and the turn. */
  readonly requestId: string;
}
