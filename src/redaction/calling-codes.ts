/** The country codes in use (ITU-T E.164, list of assigned codes): no code is the beginning of another one. */
const CODES = `1 7 20 211 212 213 216 218 220-229 230-239 240-249 250-258 260-269 27 290 291 297-299 30-34 350-359 36 370-378
380-383 385-387 389 39 40 41 420 421 423 43-49 500-509 51-58 590-599 60-66 670 672-679 680-683 685-692 81 82 84 850 852
853 855 856 86 880 886 90-95 960-968 970-977 979 98 992-996 998`;

const CALLING_CODES = new Set(
  CODES.split(/\s+/).flatMap((entry) => {
    const [first = "", last = first] = entry.split("-");
    const count = Number(last) - Number(first) + 1;
    return Array.from({ length: count }, (_, n) => String(Number(first) + n));
  }),
);
const MAX_LENGTH = 3;

/** The country code that the digits begin with. Undefined: none is assigned. */
export function callingCodeOf(digits: string): string | undefined {
  for (let length = 1; length <= MAX_LENGTH; length += 1) {
    const code = digits.slice(0, length);
    if (CALLING_CODES.has(code)) return code;
  }
  return undefined;
}

/** Whether more digits may make a country code of these. */
export function mayBecomeCallingCode(digits: string): boolean {
  if (callingCodeOf(digits) !== undefined) return true;
  return (
    digits.length < MAX_LENGTH && Array.from(CALLING_CODES).some((code) => code.startsWith(digits))
  );
}
