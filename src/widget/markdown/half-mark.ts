/** A mark such as [1] that has begun, or that is not known yet to be one. */
const END_OF_MARK = /\[\d{0,2}\]?$/;

/** The text of an answer that is still being written, without a mark of a source at its end that may be half. */
export function withoutHalfMark(text: string): string {
  return text.replace(END_OF_MARK, "");
}
