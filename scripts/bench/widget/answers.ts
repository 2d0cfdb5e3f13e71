/** The parts of answers that are hard to show while they are written: each is one block of the given length. */

const WORDS = "The parcel leaves our house on the next morning and is with you within three days";

/** Returns the text of the part with this number. */
type Part = (number: number) => string;

const PARTS: Readonly<Record<string, Part>> = {
  prose: (n) => `${n}: ${WORDS}.\n\n`,
  list: (n) => `- item ${n}: ${WORDS}\n`,
  "loose list": (n) => `- item ${n}: ${WORDS}\n\n`,
  "numbered list": (n) => `${n + 1}. **${n}**: ${WORDS}\n`,
  table: (n) =>
    `${n === 0 ? "| name | price | sent |\n|--|--:|--|\n" : ""}| item ${n} | ${n} € | ${WORDS} |\n`,
  quote: (n) => `> line ${n}: ${WORDS}\n${n % 9 ? "" : ">\n"}`,
  nested: (n) => `${"  ".repeat(n % 10)}- item ${n}: ${WORDS}\n`,
  "deep quote": (n) => `${"> ".repeat(20)}line ${n}: ${WORDS}\n`,
  code: (n) => `${n === 0 ? "```js\n" : ""}const line${n} = "${WORDS}"; // ${n}\n`,
  "one paragraph": (n) => `${n} ${WORDS}\n`,
};

export const KINDS: readonly string[] = Object.keys(PARTS);

/** Yields an answer of this kind, part by part, without end. */
export function* answerOf(kind: string): Generator<string> {
  const part = PARTS[kind];
  for (let number = 0; part; number++) yield part(number);
}
