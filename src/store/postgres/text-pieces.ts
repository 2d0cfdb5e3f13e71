/** A place where a text can be cut: before white space or punctuation, which no character is composed with. */
const LAST_GAP = /[\p{Z}\p{Cc}\p{P}][^\p{Z}\p{Cc}\p{P}]*$/u;
/** Otherwise before the last character that is not a mark, and so may begin a word. */
const LAST_LETTER = /[^\p{M}\uff9e\uff9f][\p{M}\uff9e\uff9f]*$/u;

/** Cuts a text into pieces of at most so many UTF-16 units, between two words if possible. */
export function* piecesOf(text: string, units: number): Generator<string, void, void> {
  let start = 0;
  while (text.length - start > units) {
    const piece = text.slice(start, start + units);
    const gap = piece.search(LAST_GAP);
    const cut = gap > 0 ? gap : piece.search(LAST_LETTER);
    const length = cut > 0 ? cut : units;
    yield piece.slice(0, length);
    start += length;
  }
  yield text.slice(start);
}
