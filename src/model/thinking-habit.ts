/** How often each kind of answer counts at most, so that a server that has changed is known soon. */
const MOST_WITHOUT = 50;
const MOST_WITH = 3;

/**
 * Whether a server's answers begin in the middle of a thought, by what most of them were like. A visitor can
 * have a model say anything, a tag too, and one such answer must not hold up those of all others.
 */
export class ThinkingHabit {
  /** Answers that began in a thought, less those that did not. */
  #balance = 0;

  get beginsInThought(): boolean {
    return this.#balance > 0;
  }

  /** To be called once an answer has ended. */
  note(beganInThought: boolean): void {
    const balance = this.#balance + (beganInThought ? 1 : -1);
    this.#balance = Math.max(-MOST_WITHOUT, Math.min(MOST_WITH, balance));
  }
}
