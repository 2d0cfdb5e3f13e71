/** Reads a text that comes in pieces of any size, and may hold back a few characters. */
export interface TextFilter {
  /** The part of the next piece that is shown, with what was held back before it. Empty: nothing yet. */
  pass(piece: string): string;
  /** The text begins again: what came so far is no part of it. */
  restart(): void;
  /** What is left when the text has ended. `isWhole`: it was not cut. */
  end(isWhole: boolean): string;
}
