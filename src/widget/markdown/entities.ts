/** The names that models use, each followed by its character. */
const NAMED: ReadonlyMap<string, string> = new Map(
  "amp& lt< gt> quot\" apos' nbsp\u00a0 copy© euro€ auml\u00e4 ouml\u00f6 uuml\u00fc"
    .split(" ")
    .map((each) => [each.slice(0, -1), each.slice(-1)]),
);

const ENTITY = /&(?:#(\d{1,7})|#x([\da-f]{1,6})|([a-z][a-z\d]{1,9}));|\\([!-/:-@[-`{-~])/gi;

/**
 * Decodes what is written as `&amp;` or `&#38;`. Names that are not known stay as they are.
 * @param takesEscapes whether backslashes before punctuation are taken out, too
 */
export function decodeEntities(text: string, takesEscapes = false): string {
  return text.replace(ENTITY, (all: string, decimal, hexadecimal, name, escaped) => {
    if (escaped) return takesEscapes ? escaped : all;
    if (name) return NAMED.get(name) ?? all;
    return characterOf(decimal ? Number(decimal) : Number.parseInt(hexadecimal, 16));
  });
}

function characterOf(code: number): string {
  const isCharacter = code > 0 && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff);
  return isCharacter ? String.fromCodePoint(code) : "\ufffd";
}
