import { finishReasonOf, laterEnd, type SaidEnd } from "./endings.ts";
import type { ModelFinishReason } from "./model.ts";

/** What one chunk of a stream shows about the end of the answer. */
interface ChunkOfAnswer {
  /** Text or a thought: the answer goes on. */
  readonly goesOn: boolean;
  readonly end: SaidEnd | undefined;
  /** The chunk has usage and no choice, like the one that follows the end. */
  readonly isUsageAlone: boolean;
}

/**
 * Whether a streamed answer has ended, and how.
 *
 * An answer ends with [DONE] or with the end of the body. A finish reason alone does not end it, because
 * some gateways send `stop` with every chunk. But some servers send no [DONE] and keep the connection open.
 * So an end is likely when the first finish reason comes in a chunk without text, or when a chunk with
 * nothing but usage follows it; a short silence then confirms the end. Once text has followed a finish
 * reason, no finish reason counts before the end of the body.
 */
export class AnswerEnd {
  #said: SaidEnd | undefined;
  #isMarked = false;
  #isLikely = false;
  #hasBegun = false;
  #hasGoneOn = false;

  /** Whether a silence of the server now means that the answer is complete. */
  get isLikely(): boolean {
    return this.#isLikely;
  }

  /** Whether [DONE] was sent. */
  get isMarked(): boolean {
    return this.#isMarked;
  }

  /** [DONE] was sent. */
  mark(): void {
    this.#isMarked = true;
  }

  /** A token without a finish reason came. */
  goOn(): void {
    this.#hasBegun = true;
    if (this.#said !== undefined) this.#takeBack();
  }

  note({ goesOn, end, isUsageAlone }: ChunkOfAnswer): void {
    const isFirst = this.#said === undefined && !this.#hasGoneOn;
    if (goesOn) this.goOn();
    if (end !== undefined) {
      this.#said = laterEnd(this.#said, end);
      // Gateways that leave out the thoughts send empty chunks with `stop` before the first word.
      const isCertain = this.#hasBegun || (end.ending !== "stop" && end.ending !== "unknown");
      if (isFirst && !goesOn && isCertain) this.#isLikely = true;
    } else if (isUsageAlone && this.#said !== undefined && !this.#hasGoneOn) {
      this.#isLikely = true;
    }
  }

  /** Whether `conclude` would return a finish reason and not throw. */
  get canConclude(): boolean {
    const ending = this.#said?.ending;
    if (ending === undefined) return this.#isMarked;
    return ending !== "broken" && ending !== "unknown";
  }

  /**
   * The finish reason, once the stream is over; undefined when the answer was cut.
   * @throws ModelError when the server gave the answer up, or sent an unknown finish reason
   */
  conclude(): ModelFinishReason | undefined {
    if (this.#said !== undefined) return finishReasonOf(this.#said);
    return this.#isMarked ? "stop" : undefined;
  }

  /** The answer went on after a finish reason. A plain `stop` is dropped; a cut, filter or failure is kept. */
  #takeBack(): void {
    this.#hasGoneOn = true;
    this.#isLikely = false;
    if (this.#said?.ending === "stop" || this.#said?.ending === "unknown") this.#said = undefined;
  }
}
