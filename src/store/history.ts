import type { HistoryMessage, MessageStatus } from "../conversation/records.ts";
import { estimateTokens, mostTokens } from "../conversation/token-estimate.ts";
import type { HistoryBounds } from "./turn-store.ts";

/** A question and one of its answers. */
export interface Exchange {
  readonly questionId: number;
  readonly question: string;
  readonly answer: string;
  readonly status: MessageStatus;
  /** What the owner wrote after the answer; null: nothing. Undefined where he has never taken over. */
  readonly ownersWords?: string | null | undefined;
}

/** How many exchanges without an answer's text may be skipped. */
const MAX_EMPTY_EXCHANGES = 100;

/** How many exchanges are read at most, so that a long conversation costs no more than a short one. */
export function maxExchanges(bounds: HistoryBounds): number {
  return maxPairs(bounds) + MAX_EMPTY_EXCHANGES;
}

interface ChosenHistory {
  /** The id of the stored question that this one repeats after a failed answer. */
  readonly askedAgain: number | undefined;
  /** The messages of complete exchanges, the oldest first, and then the question. */
  readonly history: readonly HistoryMessage[];
  /** The estimated tokens of all messages but the question. */
  readonly earlierTokens: number;
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
  const history = new HistoryBuilder(question, bounds);
  let askedAgain: number | undefined;
  let isNewest = true;
  for (const exchange of newestFirst) {
    if (isNewest && isRepeatedBy(question, exchange)) askedAgain = exchange.questionId;
    isNewest = false;
    // This question has no answer yet, whatever its earlier ones were.
    if (exchange.questionId !== askedAgain) history.add(exchange);
    if (history.isFull) break;
  }
  return { askedAgain, history: history.messages(), earlierTokens: history.mostTokens };
}

/** The messages for the model: exchanges before a question, as many as fit. */
export class HistoryBuilder {
  readonly #question: string;
  readonly #chosen: HistoryMessage[][] = [];
  #lastQuestionId: number | undefined;
  #pairsLeft: number;
  #tokensLeft: number;
  #mostTokens = 0;

  constructor(question: string, bounds: HistoryBounds) {
    this.#question = question;
    this.#pairsLeft = maxPairs(bounds);
    this.#tokensLeft = bounds.tokens - estimateTokens(question);
  }

  /** How many tokens the model may have to read of what was added, at most. */
  get mostTokens(): number {
    return this.#mostTokens;
  }

  /** True when no earlier exchange can be added. */
  get isFull(): boolean {
    return this.#pairsLeft <= 0 || this.#tokensLeft < 0;
  }

  /** Adds the next earlier exchange, unless it is not sent to the model or does not fit. */
  add({ questionId, question, answer: modelsWords, status, ownersWords }: Exchange): void {
    const said = hasAnswer(status, modelsWords) ? modelsWords : "";
    // The model takes what the owner wrote for its own answer.
    const answer = [said, ownersWords ?? ""].filter((words) => words !== "").join("\n\n");
    if (this.isFull) return;
    if (answer === "") {
      if (status === "complete" && ownersWords === null) this.#putBefore(question);
      return;
    }
    // Of a question that was asked again, only the newest answer counts. Its answers follow each other.
    if (questionId === this.#lastQuestionId) return;
    const ofAnswer = estimateTokens(answer);
    if (!this.#take(estimateTokens(question) + ofAnswer)) return;
    this.#mostTokens += mostTokens(question) + ofAnswer;
    this.#lastQuestionId = questionId;
    this.#pairsLeft -= 1;
    this.#chosen.push([
      { role: "user", content: question },
      { role: "assistant", content: answer },
    ]);
  }

  /** The owner has answered several questions together: the newest of them has the answer. */
  #putBefore(question: string): void {
    const answered = this.#chosen.at(-1)?.[0];
    if (answered === undefined) return;
    if (!this.#take(estimateTokens(question))) return;
    this.#mostTokens += mostTokens(question);
    this.#chosen.at(-1)?.splice(0, 1, {
      role: "user",
      content: `${question}\n\n${answered.content}`,
    });
  }

  /** Whether so many tokens fit. If not, nothing earlier does, either. */
  #take(tokens: number): boolean {
    this.#tokensLeft -= tokens;
    return this.#tokensLeft >= 0;
  }

  /** The oldest exchange first, and then the question. */
  messages(): readonly HistoryMessage[] {
    return [...this.#chosen.toReversed().flat(), { role: "user", content: this.#question }];
  }
}

/** How many exchanges are sent at most. */
export function maxPairs({ messages }: HistoryBounds): number {
  return Math.floor((messages - 1) / 2);
}

/** Whether the exchange is sent to the model. Failed and empty answers are not (contract section 2). */
function hasAnswer(status: MessageStatus, answer: string): boolean {
  return status !== "failed" && status !== "streaming" && answer !== "";
}

/** Whether the question repeats the newest one after a failure. Such a retry is not stored a second time. */
function isRepeatedBy(question: string, newest: Exchange): boolean {
  const hasFailed = newest.status === "failed" || newest.status === "interrupted";
  const isNewest = (newest.ownersWords ?? "") === "";
  return hasFailed && isNewest && newest.question === question;
}
