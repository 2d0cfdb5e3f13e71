import { turnOfItsOwn } from "../../runtime/event-loop-turn.ts";
import { isUnspaced, searchTokens } from "../search-words.ts";
import { piecesOf } from "./text-pieces.ts";

/** PostgreSQL refuses longer words (MAXSTRLEN in ts_type.h). Of a longer word, the beginning is indexed. */
const MAX_WORD_BYTES = 2046;
/** PostgreSQL keeps so many positions of a word (MAXNUMPOS), and counts no further than this (MAXENTRYPOS). */
const MAX_POSITIONS_OF_A_WORD = 255;
const MAX_POSITION = 16_383;
/** The lexemes without their positions; with them, PostgreSQL allows 1 MB (MAXSTRPOS). Further words are left out. */
const MAX_BYTES = 950_000;

/** The bytes of an alignment and of the number of positions. */
const BYTES_AROUND_A_LEXEME = 3;

/** How much text is taken apart before other work has its turn: about 2 ms where each character is a token. */
export const PIECE_CHARACTERS = 8000;

/**
 * This lexeme, which no text can contain, marks a vector that does not have all positions. Whether tokens
 * follow each other is then decided by the text.
 */
export const POSITIONS_MISSING = "' '";

/**
 * The tokens of a message as the text of a `tsvector`, as search-words.ts has them and not as PostgreSQL's
 * own parser does. Works in short pieces, because an answer can be long.
 */
export async function searchVector(content: string): Promise<string> {
  const vector = new Vector();
  for (const piece of piecesOf(content, PIECE_CHARACTERS)) {
    if (!vector.isEmpty) await turnOfItsOwn();
    vector.add(searchTokens(piece));
  }
  return vector.toText();
}

/** A token as PostgreSQL can take it. */
export function lexemeOf(token: string): string {
  if (token.length * 3 <= MAX_WORD_BYTES) return token;
  const bytes = Buffer.from(token);
  if (bytes.length <= MAX_WORD_BYTES) return token;
  let end = MAX_WORD_BYTES;
  // Not within a character: its further bytes begin with the bits 10.
  while (((bytes[end] ?? 0) & 0b1100_0000) === 0b1000_0000) end -= 1;
  return bytes.toString("utf8", 0, end);
}

/**
 * Only phrases need positions, and in a phrase one of any two neighbours is a character of a script without
 * spaces. All other tokens get none, which makes the vector of a Latin text much shorter.
 */
class Vector {
  /** The positions of each lexeme. */
  readonly #lexemes = new Map<string, number[]>();
  #bytes = 0;
  #position = 0;
  #hasAllPositions = true;
  /** The newest token, which is added when the next one is known. */
  #newest: string | undefined;
  #isNewestUnspaced = false;
  /** Whether the token before the newest one has a position, and so is its neighbour. */
  #hasNeighbour = false;
  #isAfterUnspaced = false;

  get isEmpty(): boolean {
    return this.#newest === undefined;
  }

  add(tokens: readonly string[]): void {
    for (const token of tokens) {
      const isNextUnspaced = isUnspaced(token);
      this.#addNewest(isNextUnspaced);
      this.#isAfterUnspaced = this.#isNewestUnspaced;
      this.#isNewestUnspaced = isNextUnspaced;
      this.#newest = token;
    }
  }

  /** The text of the finished vector. */
  toText(): string {
    this.#addNewest(false);
    const entries = this.#hasAllPositions ? [] : [POSITIONS_MISSING];
    for (const [lexeme, positions] of this.#lexemes) {
      entries.push(positions.length === 0 ? lexeme : `${lexeme}:${positions.join(",")}`);
    }
    return entries.join(" ");
  }

  #addNewest(isBeforeUnspaced: boolean): void {
    if (this.#newest === undefined) return;
    const positions = this.#positionsOf(lexemeOf(this.#newest));
    const needsPosition = this.#isAfterUnspaced || this.#isNewestUnspaced || isBeforeUnspaced;
    if (needsPosition) this.#addPosition(positions);
    this.#hasNeighbour = needsPosition;
  }

  #positionsOf(lexeme: string): number[] | undefined {
    const known = this.#lexemes.get(lexeme);
    if (known !== undefined) return known;
    this.#bytes += Buffer.byteLength(lexeme) + BYTES_AROUND_A_LEXEME;
    if (this.#bytes > MAX_BYTES) return undefined;
    const positions: number[] = [];
    this.#lexemes.set(lexeme, positions);
    return positions;
  }

  #addPosition(positions: number[] | undefined): void {
    // A gap stands for all the tokens without a position.
    this.#position += this.#hasNeighbour ? 1 : 2;
    const hasRoom =
      positions !== undefined &&
      positions.length < MAX_POSITIONS_OF_A_WORD &&
      this.#position <= MAX_POSITION;
    if (hasRoom) positions.push(this.#position);
    else this.#hasAllPositions = false;
  }
}
