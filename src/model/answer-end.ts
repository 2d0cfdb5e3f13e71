import { finishReasonOf, laterEnd, type SaidEnd } from "./endings.ts";
import type { ModelFinishReason } from "./model.ts";

/** What one chunk of a stream brought, as far as the end of the answer is concerned. */
export interface ChunkOfAnswer {
  /** Text or a thought: the answer goes on. */
  readonly goesOn: boolean;
  readonly end: SaidEnd | undefined;
  /** Usage and no choice, as it follows the end. */
  readonly isUsageAlone: boolean;
}

/**
 * Whether a streamed answer has ended, and how.
 *
 * An answer ends with [DONE] or with the end of the body. A finish reason alone ends nothing, because some
 * gateways say `stop` with every chunk. But some servers send neither, and keep the connection open. So an
 * end is likely once the first finish reason came in a chunk of its own, or usage alone came after it; a
 * short silence then confirms it. Where text followed a finish reason, none is believed before the end.
 */
export class AnswerEnd {
  #said: SaidEnd | undefined;
  #isMarked = false;
  #isLikely = false;
  #hasBegun = false;
  #hasGoneOn = false;

  /** Whether a server that says no more for a while has said everything. */
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

  /** A token came that says nothing of an end. */
  goOn(): void {
    this.#hasBegun = true;
    if (this.#said !== undefined) this.#takeBack();
  }

  note({ goesOn, end, isUsageAlone }: ChunkOfAnswer): void {
    const isFirst = this.#said === undefined && !this.#hasGoneOn;
    if (goesOn) this.goOn();
    if (end !== undefined) {
      this.#said = laterEnd(this.#said, end);
      // An empty chunk with `stop` before the first word is a gateway's that leaves out the thoughts.
      const isCertain = this.#hasBegun || (end.ending !== "stop" && end.ending !== "unknown");
      if (isFirst && !goesOn && isCertain) this.#isLikely = true;
    } else if (isUsageAlone && this.#said !== undefined && !this.#hasGoneOn) {
      this.#isLikely = true;
    }
  }

  /** Whether `conclude` has a finish reason to give, and no failure. */
  get canConclude(): boolean {
    const ending = this.#said?.ending;
    if (ending === undefined) return this.#isMarked;
    return ending !== "broken" && ending !== "unknown";
  }

  /**
   * How the answer has ended, once there is no more of it; undefined where it was cut.
   * @throws ModelError when the server gave it up, or said why it ended in a word that is not known
   */
  conclude(): ModelFinishReason | undefined {
    if (this.#said !== undefined) return finishReasonOf(this.#said);
    return this.#isMarked ? "stop" : undefined;
  }

  /** The answer went on after an end was said. What is no plain end may still be one. */
  #takeBack(): void {
    this.#hasGoneOn = true;
    this.#isLikely = false;
    if (this.#said?.ending === "stop" || this.#said?.ending === "unknown") this.#said = undefined;
  }
}
