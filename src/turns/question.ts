import type { HistoryMessage } from "../conversation/records.ts";
import type { Networks } from "../net/client-networks.ts";

/** `json` asks the model without streaming, which costs a tenth of the CPU time and gives one token. */
export type GenerationMode = "stream" | "json";

/** A visitor's question, as it is passed to every step of a turn's beginning. */
export interface Question {
  readonly sessionId: string;
  readonly message: string;
  /** The message as it was written, for the model only. Undefined: as it is stored. */
  readonly original?: string | undefined;
  readonly idempotencyKey: string | undefined;
  readonly mode: GenerationMode;
  /** The languages that the visitor's browser asks for, as it sends them (Accept-Language). */
  readonly languages: string | undefined;
  /** The networks of who asks, narrowest first. Undefined: one of the owner's programs, which has no share of the budget. */
  readonly networks?: Networks | undefined;
  /** The model is not to be asked: a person will answer. */
  readonly isForPerson?: boolean | undefined;
  /** Joins the log lines of the request and the turn. */
  readonly requestId: string;
}

/** A history that ends with the question, as it was written. */
export function withOriginal(
  history: readonly HistoryMessage[],
  { original }: Pick<Question, "original">,
): readonly HistoryMessage[] {
  const stored = history.at(-1);
  if (original === undefined || stored === undefined) return history;
  return [...history.slice(0, -1), { ...stored, content: original }];
}
