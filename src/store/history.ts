import type { HistoryMessage, MessageStatus } from "../conversation/records.ts";
import { estimateTokens } from "../conversation/token-estimate.ts";
import type { HistoryBounds } from "./turn-store.ts";

/** A question and one of its answers. */
export interface Exchange {
  readonly questionId: number;
  readonly question: string;
  readonly answer: string;
  readonly status: MessageStatus;
}

/** How many exchanges without an answer's text may be skipped. */
const MAX_EMPTY_EXCHANGES = 100;

/** How many exchanges are read at most, so that a long conversation costs no more than a short one. */
export function maxExchanges({ messages }: HistoryBounds): number {
  return pairs(messages) + MAX_EMPTY_EXCHANGES;
}

interface ChosenHistory {
  /** The id of the stored question that this one repeats after a failed answer. */
  readonly askedAgain: number | undefined;
  /** Complete exchanges, the oldest first, and then the question. */
  readonly history: readonly HistoryMessage[];
}

/**
 * Chooses what is sent to the model with a question: the newest exchanges that fit, without a gap. Reads
 * only as many exchanges as it needs.
 */
export function chooseHistory(
  newestFirst: Iterable<Exchange>,
  question: string,
  bounds: HistoryBounds,
): ChosenHistory {
  const chosen: HistoryMessage[][] = [];
  // Of a question that was asked again, only the newest answer counts. This question has no answer yet.
  const seen = new Set<number>();
  let tokensLeft = bounds.tokens - estimateTokens(question);
  let askedAgain: number | undefined;
  let isNewest = true;
  for (const exchange of newestFirst) {
    if (isNewest && isRepeatedBy(question, exchange)) {
      askedAgain = exchange.questionId;
      seen.add(askedAgain);
    }
    isNewest = false;
    if (chosen.length >= pairs(bounds.messages)) break;
    if (seen.has(exchange.questionId) || !hasAnswer(exchange)) continue;
    tokensLeft -= estimateTokens(exchange.question) + estimateTokens(exchange.answer);
    if (tokensLeft < 0) break;
    seen.add(exchange.questionId);
    chosen.push([
      { role: "user", content: exchange.question },
      { role: "assistant", content: exchange.answer },
    ]);
  }
  return {
    askedAgain,
    history: [...chosen.toReversed().flat(), { role: "user", content: question }],
  };
}

function pairs(messages: number): number {
  return Math.floor((messages - 1) / 2);
}

/** Whether the exchange is sent to the model. Failed and empty answers are not (contract section 2). */
function hasAnswer({ status, answer }: Exchange): boolean {
  return status !== "failed" && status !== "streaming" && answer !== "";
}

/** Whether the question repeats the newest one after a failure. Such a retry is not stored a second time. */
function isRepeatedBy(question: string, newest: Exchange): boolean {
  const hasFailed = newest.status === "failed" || newest.status === "interrupted";
  return hasFailed && newest.question === question;
}
