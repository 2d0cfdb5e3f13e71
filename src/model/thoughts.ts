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
 * Takes the thoughts out of an answer that has them in its text.
 *
 * A model thinks before it answers. Most servers send that in a field of its own; others leave it in the
 * text, between two tags: `<think>The price is in the table.</think>It costs 5 euros.` Some think again in the
 * middle of an answer. But an answer may explain what `<think>` means, too: a tag in code, in quotes or behind
 * a word is spoken of. A thought in the middle that has no end was an answer, and is sent at its end.
 *
 * Where a server's chat template writes the first tag itself, the text has only the second. Then what
 * came before it has been shown, and is taken back. The next answers of that server are held until their
 * second tag is there. One that ends without it was an answer all the same, and is sent at its end.
 */

const NOT_BLANK = /\S/g;
/** A piece of an answer without any of these has no part of a tag, and begins no code. */
const WORTH_A_LOOK = /[<[◁`]/;
/** What stands before a tag that is spoken of: a quote, or a word and a space. */
const SPEAKS_OF_TAG = /(?:["'“”„«‘’(]|[^\s.!?…。！？][ \t]+)$/u;
/** The same before a first tag, also in a list, a table or emphasis: thoughts begin a line, or follow a full stop. */
const SHOWS_TAG = /(?:[*_~|>#-]|\S[ \t]+)$/;
/** How much white space is kept for the beginning of an answer. */
const MAX_BLANK_CHARACTERS = 256;
/** How much is looked at before a tag. */
const CONTEXT_LENGTH = 8;
/** What is held of an answer: longer thoughts are not kept, and no answer is as long. */
const MAX_HELD_CHARACTERS = 512 * 1024;

/** What a piece of an answer is for the visitor. */
export interface Sifted {
  readonly text: string;
  /** All that was sent before this text was a thought. */
  readonly takesBack: boolean;
}

/** Reads the text of one answer, in pieces. */
export class ThoughtFilter {
  readonly #habit: ThinkingHabit;
  #place: "beginning" | "thought" | "held" | "answer" | "aside";
  /** At the beginning and in a thought: the end of what came, which may be the first half of a tag. */
  #pending = "";
  /** What is kept back because it should be a thought. */
  #held: string[] = [];
  #heldLength = 0;
  /** In the answer: what may be the first half of a tag, and the two pieces before it. */
  #tail = "";
  /** That half tag was not shown, because a thought may begin with it. */
  #isTailHeld = false;
  #previous = "";
  #beforePrevious = "";
  /** The answer has had an odd number of backticks. */
  #isInCode = false;
  /** The answer speaks of tags itself. */
  #hasOpening = false;
  /** The answer had tags of thoughts. */
  #hasTags = false;
  /** The server sends both of a thought's tags. */
  #hasBothTags = false;
  /** The answer began in the middle of a thought. */
  #beganInThought = false;

  constructor(habit: ThinkingHabit) {
    this.#habit = habit;
    this.#place = habit.beginsInThought ? "held" : "beginning";
  }

  /** Whether the piece is for the visitor as it is: nearly every one, once the answer has begun. */
  passes(piece: string): boolean {
    if (this.#place !== "answer" || this.#tail !== "" || WORTH_A_LOOK.test(piece)) return false;
    this.#beforePrevious = this.#previous;
    this.#previous = piece;
    return true;
  }

  /** What the next piece is for the visitor; undefined where that is nothing. */
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

  /** The server sends its thoughts apart, so that what it sends as text is for the visitor. */
  thinksApart(): void {
    if (this.#place !== "held") return;
    this.#place = "beginning";
    this.#pending = this.#held.join("");
    this.#held = [];
  }

  /** What is still there for the visitor when the answer has ended, as a whole or cut in a thought. */
  end(isWhole: boolean): string {
    // One that the limit has cut may not have come to its last tag.
    if (isWhole || this.#beganInThought) this.#habit.note(this.#beganInThought);
    if (this.#place === "beginning") return this.#pending;
    if (this.#place === "answer") return this.#isTailHeld ? this.#tail : "";
    if (this.#place === "thought" || !isWhole) return "";
    return this.#held.join("");
  }

  /** Where the text goes on after what is no answer; undefined where that is not there yet. */
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
   * The next tag that is no word of the answer: the end of a thought whose first tag was not sent, or the
   * beginning of one in the middle of the answer. Undefined where there is none.
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
    // Most of what looks like a tag is none, and is shown at once where only an answer can have it.
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

  /** What stands in the answer before a place in the text, whose part from `at` on belongs to it. */
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
