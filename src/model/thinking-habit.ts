/** The bounds of the balance. They are small, so that a change of the server is noticed soon. */
const MOST_WITHOUT = 50;
const MOST_WITH = 3;

/**
 * Whether a server's answers begin inside a thought, judged by most of its recent answers. A visitor can make
 * a model write anything, even a tag, and one such answer must not delay the answers of everybody else.
 */
export class ThinkingHabit {
  /** The number of answers that began in a thought, minus the number of those that did not. */
  #balance = 0;

  get beginsInThought(): boolean {
    return this.#balance > 0;
  }

  /** Call it once for each answer that has ended. */
  note(beganInThought: boolean): void {
    const balance = this.#balance + (beganInThought ? 1 : -1);
    this.#balance = Math.max(-MOST_WITHOUT, Math.min(MOST_WITH, balance));
  }
}
