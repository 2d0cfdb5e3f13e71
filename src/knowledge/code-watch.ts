/** What a line may begin with before a fence: white space, quotes and the marks of lists. */
const BEFORE_FENCE = /[\s>*+\-\d.)]/;
const MIN_FENCE_LENGTH = 3;

/** Backticks or tildes that have begun code. */
interface Opened {
  readonly run: string;
  /** Whether it is a block of lines. */
  readonly isFence: boolean;
}

/** Follows a Markdown text character by character, to know what is code (CommonMark, sections 4.5 and 6.1). */
export class CodeWatch {
  #opened: Opened | undefined;
  /** The run of backticks or tildes at the end of the text so far. */
  #run = "";
  /** Whether the line before the run may be followed by a fence. */
  #isLineBegin = true;
  #isLineEmpty = true;

  /** Whether nothing is open, and the text does not end with a run. */
  get isIdle(): boolean {
    return this.#run === "" && this.#opened === undefined;
  }

  /** Whether the character is code if it comes next. Backticks count as code. */
  isCode(character: string): boolean {
    if (character === "`") return true;
    const goesOn = character === "~" && this.#run.startsWith(character);
    return (goesOn ? this.#opened : this.#afterRun()) !== undefined;
  }

  /** Takes the next character. */
  note(character: string): void {
    const isOfRun = character === "`" || character === "~";
    if (!isOfRun || !this.#run.startsWith(character)) this.#endRun();
    if (isOfRun) {
      this.#run += character;
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
    if (this.#run === "") return;
    this.#opened = this.#afterRun();
    this.#run = "";
    this.#isLineBegin = false;
    this.#isLineEmpty = false;
  }

  /** What is open once the run has ended. */
  #afterRun(): Opened | undefined {
    const run = this.#run;
    const opened = this.#opened;
    if (run === "") return opened;
    const isFence = run.length >= MIN_FENCE_LENGTH && this.#isLineBegin;
    if (opened?.isFence) return isFence && run.startsWith(opened.run) ? undefined : opened;
    if (opened !== undefined) return run === opened.run ? undefined : opened;
    return isFence || run.startsWith("`") ? { run, isFence } : undefined;
  }
}
