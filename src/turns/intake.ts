import type { TokenUsage } from "../conversation/records.ts";
import type { ModelDelta, ModelFinishReason } from "../model/model.ts";
import type { TextFilter } from "../redaction/text-filter.ts";
import type { LiveTurn } from "./live-turn.ts";
import type { Patience } from "./patience.ts";

interface IntakeOptions {
  readonly patience: Pick<Patience, "word" | "sign">;
  /** Of the answer, in characters. */
  readonly maxTextLength: number;
  readonly filter: TextFilter | undefined;
  /** When the question was asked. Milliseconds of the monotonic clock. */
  readonly startedAt: number;
}

/** Takes what the model sends into the turn. */
export class Intake {
  readonly #turn: LiveTurn;
  readonly #options: IntakeOptions;
  #textLength = 0;
  #firstTokenMs: number | undefined;
  #finishReason: ModelFinishReason | undefined;
  #usage: TokenUsage | undefined;

  constructor(turn: LiveTurn, options: IntakeOptions) {
    this.#turn = turn;
    this.#options = options;
  }

  get firstTokenMs(): number | undefined {
    return this.#firstTokenMs;
  }

  get finishReason(): ModelFinishReason | undefined {
    return this.#finishReason;
  }

  get usage(): TokenUsage | undefined {
    return this.#usage;
  }

  take({ tokens, takesBack, finishReason, usage }: ModelDelta): void {
    const turn = this.#turn;
    const { patience, filter, startedAt } = this.#options;
    this.#finishReason = finishReason ?? this.#finishReason;
    this.#usage = usage ?? this.#usage;
    if (takesBack) {
      turn.restart();
      filter?.restart();
      this.#textLength = 0;
    }
    if (tokens.length === 0) {
      patience.sign();
      if (takesBack) turn.publish();
      return;
    }
    patience.word();
    this.#firstTokenMs ??= Math.round(performance.now() - startedAt);
    for (const token of tokens) this.#append(filter === undefined ? token : filter.pass(token));
    turn.publish();
    if (this.#textLength > this.#options.maxTextLength) turn.abort("too_long");
  }

  /** The model sends nothing more. */
  end(): void {
    const { filter } = this.#options;
    if (filter === undefined) return;
    this.#append(filter.end(this.#isWhole));
    this.#turn.publish();
  }

  /** Whether nothing is missing at the end. */
  get #isWhole(): boolean {
    const isCut = this.#finishReason === undefined || this.#finishReason === "length";
    return !isCut && !this.#turn.signal.aborted;
  }

  #append(text: string): void {
    if (text === "") return;
    const room = this.#options.maxTextLength - this.#textLength;
    this.#textLength += text.length;
    if (room >= text.length) this.#turn.append(text);
    else if (room > 0) this.#turn.append(text.slice(0, room).toWellFormed());
  }
}
