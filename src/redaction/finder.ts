/** Called with the place of what was found: from the index of its first character to the index behind its last one. */
export type OnFound = (from: number, to: number) => void;

/**
 * Finds one kind of number or address in a text that it reads character by character. So it makes no difference how the
 * text is cut into pieces. Its memory and the time for a character are bounded.
 */
export interface Finder {
  /** The index of the first character that may still turn out to be part of a number. Infinity: there is none. */
  readonly from: number;
  /**
   * Reads the next character.
   * @param code its code point
   * @param digit its value as a digit; -1 if it is none
   * @param at its index
   */
  read(code: number, digit: number, at: number): void;
  /** The text has ended. Where it was cut, what is there of a number counts as one, unless it is short. */
  end(at: number, isWhole: boolean): void;
}

/** So many characters of a number that was cut off are hidden. */
export const MIN_CUT_LENGTH = 8;
