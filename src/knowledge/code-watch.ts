/** What a line may begin with before a fence: white space, quotes and the marks of lists. */
const BEFORE_FENCE = /[\s>*+\-\d.)]/;
const MIN_FENCE_LENGTH = 3;

/** Backticks or tildes that follow each other. As a number: a model may write half a million of them. */
interface Run {
  readonly character: string;
  readonly length: number;
}

/** A run that has begun code. */
interface Opened extends Run {
  /** Whether it is a block of lines. */
  readonly isFence: boolean;
}

const NO_RUN: Run = { character: "", length: 0 };

/** Follows a Markdown text character by character, to know what is code (CommonMark, sections 4.5 and 6.1). */
export class CodeWatch {
  #opened: Opened | undefined;
  /** The run of backticks or tildes at the end of the text so far. */
  #run = NO_RUN;
  /** Whether the line before the run may be followed by a fence. */
  #isLineBegin = true;
  #isLineEmpty = true;

  /** Whether nothing is open, and the text does not end with a run. */
  get isIdle(): boolean {
    return this.#run.length === 0 && this.#opened === undefined;
  }

  /** Whether the character is code if it comes next. Backticks count as code. */
  isCode(character: string): boolean {
    if (character === "`") return true;
    const goesOn = character === "~" && this.#run.character === character;
    return (goesOn ? this.#opened : this.#afterRun()) !== undefined;
  }

  /** Takes the next character. */
  note(character: string): void {
    const isOfRun = character === "`" || character === "~";
    if (!isOfRun || this.#run.character !== character) this.#endRun();
    if (isOfRun) {
      this.#run = { character, length: this.#run.length + 1 };
    } else if (character === "\n") {
      // Inline code ends with its paragraph.
      if (this.#isLineEmpty && this.#opened?.isFence === false) this.#opened = undefined;
      this.#isLineBegin = true;
      this.#isLineEmpty = true;
    } else {
      this.#isLineBegin &&= BEFORE_FENCE.test(character);
      this.#isLineEmpty &&= /\s/.test(character);
    }
  }

  #endRun(): void {
    if (this.#run.length === 0) return;
    this.#opened = this.#afterRun();
    this.#run = NO_RUN;
    this.#isLineBegin = false;
    this.#isLineEmpty = false;
  }

  /** What is open once the run has ended. */
  #afterRun(): Opened | undefined {
    const { character, length } = this.#run;
    const opened = this.#opened;
    if (length === 0) return opened;
    const isFence = length >= MIN_FENCE_LENGTH && this.#isLineBegin;
    if (opened !== undefined) {
      const isAsLong = opened.isFence
        ? isFence && length >= opened.length
        : length === opened.length;
      return isAsLong && character === opened.character ? undefined : opened;
    }
    return isFence || character === "`" ? { character, length, isFence } : undefined;
  }
}
