import { overloaded } from "../errors.ts";

/** Limits how many do something at once. Each takes a place and gives it back. */
export class Places {
  readonly #max: number;
  #taken = 0;

  constructor(max: number) {
    this.#max = max;
  }

  /**
   * Takes a place. Returns a function that gives it back and may be called more than once.
   * @throws AppError overloaded when all places are taken
   */
  enter(): () => void {
    if (this.#taken >= this.#max) throw overloaded();
    this.#taken += 1;
    let hasLeft = false;
    return () => {
      if (!hasLeft) this.#taken -= 1;
      hasLeft = true;
    };
  }
}
