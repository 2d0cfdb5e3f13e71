/** How long a text is, or several texts together. */
export interface TextSize {
  /** UTF-16 units. */
  readonly characters: number;
  /** Of UTF-8. */
  readonly bytes: number;
}

export function sizeOf(text: string): TextSize {
  return { characters: text.length, bytes: Buffer.byteLength(text) };
}

/** Counts what a model's server has generated for one question, also what is not shown, such as thoughts. */
export class GeneratedText implements TextSize {
  /** Each has a token at least. */
  pieces = 0;
  characters = 0;
  bytes = 0;
  /**
   * How many requests were sent that may have been answered, received or not. A request whose connection broke is sent
   * again, and its server may have generated the whole answer each time.
   */
  requests = 0;

  add(piece: string): void {
    this.pieces += 1;
    this.characters += piece.length;
    this.bytes += Buffer.byteLength(piece);
  }
}
