import type { ThinkingHabit } from "./thinking-habit.ts";
import {
  ALL,
  findClosing,
  findTag,
  type FoundTag,
  halfTag,
  LONGEST_TAG,
  mayOpen,
  OPENING,
  TAG_BEGINS,
} from "./thought-tags.ts";

/**
 * Removes the thoughts from an answer that has them in its text.
 *
 * A model thinks before it answers. Most servers send the thoughts in a separate field. Others leave them in
 * the text, between two tags: `<think>The price is in the table.</think>It costs 5 euros.` Some models think
 * again in the middle of an answer. But an answer may also explain what `<think>` means, so a tag in code, in
 * quotes or after a word is plain text. If a thought in the middle has no end, it was part of the answer, and
 * is sent when the answer ends.
 *
 * When a server's chat template writes the first tag itself, the text has only the second. The thought has
 * then been shown already, and is taken back. The next answers of that server are held back until their
 * second tag arrives. An answer that ends without one had no thought, and is sent at its end.
 */

const NOT_BLANK = /\S/g;
/** A piece of an answer without any of these characters has no part of a tag and begins no code. */
const WORTH_A_LOOK = /[<[◁`]/;
/** The text before a tag that is plain text: a quote, or a word and a space. */
const SPEAKS_OF_TAG = /(?:["'“”„«‘’(]|[^\s.!?…。！？][ \t]+)$/u;
/** The same for an opening tag, and also list, table and emphasis marks: thoughts begin a line or a sentence. */
const SHOWS_TAG = /(?:[*_~|>#-]|\S[ \t]+)$/;
/** How much white space is kept at the beginning of an answer. */
const MAX_BLANK_CHARACTERS = 256;
/** How many characters before a tag are examined. */
const CONTEXT_LENGTH = 8;
/** How much of an answer is held back. More than this is a thought, because no answer is as long. */
const MAX_HELD_CHARACTERS = 512 * 1024;

/** The part of a piece that the visitor sees. */
interface Sifted {
  readonly text: string;
  /** All text before this was a thought. */
  readonly takesBack: boolean;
}

/** Reads the text of one answer, in pieces. */
export class ThoughtFilter {
  readonly #habit: ThinkingHabit;
  #place: "beginning" | "thought" | "held" | "answer" | "aside";
  /** At the beginning and in a thought: the end of the text so far, which may be the first half of a tag. */
  #pending = "";
  /** Text that is held back because it is probably a thought. */
  #held: string[] = [];
  #heldLength = 0;
  /** In the answer: the text that may be the first half of a tag. The two pieces before it follow below. */
  #tail = "";
  /** The half tag in `#tail` was not shown, because a thought may begin with it. */
  #isTailHeld = false;
  #previous = "";
  #beforePrevious = "";
  /** The answer so far has an odd number of backticks. */
  #isInCode = false;
  /** The answer has an opening tag as plain text. */
  #hasOpening = false;
  /** The answer had tags of thoughts. */
  #hasTags = false;
  /** The server sends both tags of a thought. */
  #hasBothTags = false;
  /** The answer began inside a thought. */
  #beganInThought = false;

  constructor(habit: ThinkingHabit) {
    this.#habit = habit;
    this.#place = habit.beginsInThought ? "held" : "beginning";
  }

  /** Whether the piece can be shown unchanged. True for nearly every piece, once the answer has begun. */
  passes(piece: string): boolean {
    if (this.#place !== "answer" || this.#tail !== "" || WORTH_A_LOOK.test(piece)) return false;
    this.#beforePrevious = this.#previous;
    this.#previous = piece;
    return true;
  }

  /** The part of the next piece that the visitor sees; undefined when there is none. */
  sift(piece: string): Sifted | undefined {
    const isAnswer = this.#place === "answer";
    const earlier = isAnswer ? this.#tail : this.#pending;
    const text = earlier + piece;
    let fresh = piece;
    let shown = "";
    let takesBack = false;
    let shownFrom = isAnswer && !this.#isTailHeld ? earlier.length : 0;
    let at: number | undefined = 0;
    this.#pending = "";
    while (at !== undefined) {
      if (this.#place !== "answer") {
        at = this.#skip(text, at, fresh);
        shownFrom = at ?? text.length;
        continue;
      }
      const tag = this.#watch(text, at);
      if (tag?.isClosing === true) {
        shown = "";
        takesBack = true;
      } else {
        const end = tag?.start ?? text.length - (this.#isTailHeld ? this.#tail.length : 0);
        shown += text.slice(shownFrom, end);
        fresh = text.slice(end);
      }
      at = tag?.end;
    }
    return shown !== "" || takesBack ? { text: shown, takesBack } : undefined;
  }

  /** The server sends its thoughts in a separate field, so all its text is for the visitor. */
  thinksApart(): void {
    if (this.#place !== "held") return;
    this.#place = "beginning";
    this.#pending = this.#held.join("");
    this.#held = [];
  }

  /** The text that is left for the visitor when the answer has ended. `isWhole`: it was not cut. */
  end(isWhole: boolean): string {
    // An answer that was cut may not have reached its closing tag.
    if (isWhole || this.#beganInThought) this.#habit.note(this.#beganInThought);
    if (this.#place === "beginning") return this.#pending;
    if (this.#place === "answer") return this.#isTailHeld ? this.#tail : "";
    if (this.#place === "thought" || !isWhole) return "";
    return this.#held.join("");
  }

  /** The index at which the answer goes on; undefined when it has not arrived yet. */
  #skip(text: string, at: number, fresh: string): number | undefined {
    if (this.#place === "thought") return this.#think(text, at);
    return this.#place === "beginning" ? this.#begin(text, at) : this.#hold(text, at, fresh);
  }

  #begin(text: string, at: number): number | undefined {
    NOT_BLANK.lastIndex = at;
    const start = NOT_BLANK.exec(text)?.index ?? text.length;
    const head = text.slice(start, start + LONGEST_TAG).toLowerCase();
    const isTag = head !== "" && TAG_BEGINS.test(head.charAt(0));
    const tag = isTag ? ALL.find((each) => head.startsWith(each)) : undefined;
    if (tag !== undefined) {
      this.#hasTags = true;
      if (OPENING.includes(tag)) this.#place = "thought";
      return start + tag.length;
    }
    // White space between a thought and the answer belongs to neither.
    const answerAt = this.#hasTags ? start : at;
    if (head === "") {
      this.#pending = text.slice(answerAt, answerAt + MAX_BLANK_CHARACTERS);
      return undefined;
    }
    if (isTag && ALL.some((each) => each.startsWith(head))) {
      this.#pending = text.slice(answerAt);
      return undefined;
    }
    this.#place = "answer";
    return answerAt;
  }

  #think(text: string, at: number): number | undefined {
    const tag = findClosing(text, at);
    if (tag === undefined) {
      this.#pending = text.slice(Math.max(at, text.length - LONGEST_TAG));
      return undefined;
    }
    this.#place = "beginning";
    this.#hasBothTags = true;
    return tag.end;
  }

  #hold(text: string, at: number, fresh: string): number | undefined {
    const tag = findClosing(text, at);
    if (tag === undefined) {
      this.#pending = text.slice(Math.max(at, text.length - LONGEST_TAG));
      if (this.#heldLength < MAX_HELD_CHARACTERS) this.#held.push(fresh);
      this.#heldLength += fresh.length;
      return undefined;
    }
    if (this.#place === "aside") {
      this.#place = "answer";
      this.#hasBothTags = true;
    } else {
      this.#place = "beginning";
      this.#hasTags = true;
      this.#beganInThought = true;
    }
    this.#held = [];
    this.#heldLength = 0;
    return tag.end;
  }

  /**
   * The next tag that is not plain text: the end of a thought whose first tag was not sent, or the beginning
   * of a thought in the middle of the answer. Undefined when there is none.
   */
  #watch(text: string, at: number): FoundTag | undefined {
    let from = at;
    for (;;) {
      const tag = findTag(text, from);
      this.#note(text.slice(from, tag?.start));
      if (tag === undefined) break;
      if (!this.#isSpokenOf(text, at, tag)) {
        this.#leaveAnswer(tag.isClosing);
        return tag;
      }
      this.#hasOpening ||= !tag.isClosing;
      from = tag.end;
    }
    this.#tail = halfTag(text, from);
    const end = text.length - this.#tail.length;
    const half = { start: end, end: text.length, isClosing: false };
    // Most half tags turn out to be plain text. One that cannot begin a thought is shown at once.
    this.#isTailHeld = mayOpen(this.#tail) && !this.#isSpokenOf(text, at, half);
    this.#previous = this.#before(text, at, end);
    this.#beforePrevious = "";
    return undefined;
  }

  #note(text: string): void {
    for (const character of text) if (character === "`") this.#isInCode = !this.#isInCode;
  }

  #isSpokenOf(text: string, at: number, { start, isClosing }: FoundTag): boolean {
    if (this.#isInCode || this.#hasOpening) return true;
    const before = this.#before(text, at, start);
    return SPEAKS_OF_TAG.test(before) || (!isClosing && SHOWS_TAG.test(before));
  }

  /** The characters of the answer before a place in the text. The answer's part of the text begins at `at`. */
  #before(text: string, at: number, place: number): string {
    const near = text.slice(Math.max(at, place - CONTEXT_LENGTH), place);
    if (near.length === CONTEXT_LENGTH) return near;
    return (this.#beforePrevious + this.#previous).slice(-CONTEXT_LENGTH) + near;
  }

  #leaveAnswer(isThoughtOver: boolean): void {
    this.#hasTags = true;
    if (isThoughtOver && !this.#hasBothTags) this.#beganInThought = true;
    this.#place = isThoughtOver ? "beginning" : "aside";
    this.#tail = "";
    this.#isTailHeld = false;
    this.#previous = "";
    this.#beforePrevious = "";
    this.#isInCode = false;
    this.#hasOpening = false;
  }
}
