/** White space and emphasis, and then the mark. */
const WHOLE = /^([*_]{0,4})\s{0,8}[[【［][ \t]{0,4}[0０][ \t]{0,4}[\]】］]/;
/** What may become that. */
const BEGUN = /^[*_]{0,4}\s{0,8}(?:[[【［][ \t]{0,4}(?:[0０][ \t]{0,4})?)?$/;
/** What models write behind it. */
const BEHIND = /^[\s:：.。–—]+/;

/** Where the text is that comes next: before the mark, behind it, or in what is passed. */
type Place = "before" | "behind" | "passed";

/**
 * Takes `[0]` off the beginning of an answer, by which the model says that its sources do not hold the answer. White
 * space, line ends and emphasis around it are taken off, too. Holds back a few characters at the beginning, and passes
 * everything else. How the text is cut into pieces makes no difference.
 */
export class ZeroMark {
  #place: Place = "before";
  #held = "";
  /** The emphasis that was opened before the mark and is not closed yet. */
  #emphasis = "";
  #isFound = false;

  get isFound(): boolean {
    return this.#isFound;
  }

  /** The part of the next piece that is left. */
  pass(piece: string): string {
    if (this.#place === "passed") return piece;
    this.#held += piece;
    if (this.#place === "before") this.#place = this.#look();
    if (this.#place === "behind") this.#place = this.#skip();
    return this.#place === "passed" ? this.#take() : "";
  }

  /** What is left when the answer has ended. */
  end(): string {
    return this.#take();
  }

  #take(): string {
    const held = this.#held;
    this.#held = "";
    return held;
  }

  #look(): Place {
    this.#held = this.#held.trimStart();
    const found = WHOLE.exec(this.#held);
    if (found === null) return BEGUN.test(this.#held) ? "before" : "passed";
    this.#isFound = true;
    this.#emphasis = found[1] ?? "";
    this.#held = this.#held.slice(found[0].length);
    return "behind";
  }

  #skip(): Place {
    this.#held = this.#held.replace(BEHIND, "");
    if (this.#emphasis !== "" && this.#held.startsWith(this.#emphasis)) {
      this.#held = this.#held.slice(this.#emphasis.length).replace(BEHIND, "");
      this.#emphasis = "";
    }
    // It may be the first half of the emphasis.
    if (this.#held === "" || this.#emphasis.startsWith(this.#held)) return "behind";
    this.#held = this.#emphasis + this.#held;
    return "passed";
  }
}
