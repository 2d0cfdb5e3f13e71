import { callingCodeOf, mayBecomeCallingCode } from "./calling-codes.ts";

/*
 * What a row of digits must look like to be a phone number. Rows have ASCII digits, " ", "-", ".", "/", "(", ")" and at most a
 * "+" at the beginning, and at most 48 characters, so that these expressions are quick.
 */

/** What may stand between two groups of digits. */
const JOINTS = /^(?:[ ./()-]| \(|\) |\)[-/]| - | \/ )$/;
/** E.164 has 15 digits. No country's numbers have fewer than 9 with its code but some islands'. */
const MIN_INTERNATIONAL = 9;
const MAX_INTERNATIONAL = 15;
/** "00", its digits, and a "(0)". */
const MAX_DIGITS = 18;
const MIN_BARE_INTERNATIONAL = 11;

/** Numbers of countries that dial no 0 first, by their groups: North America, Brazil and its like, China, Russia. */
const SHAPES = [
  /^(?:1[ .-])?(?:\([2-9]\d\d\) ?|[2-9]\d\d[ .-])[2-9]\d\d[ .-]\d{4}$/,
  /^\([1-9]\d{1,2}\) ?\d{4,5}[ -]\d{4}$/,
  /^1[3-9]\d[ -]\d{4}[ -]\d{4}$/,
  /^8(?:[ -]?\(\d{3}\)[ -]?|[ -]\d{3}[ -])\d{3}[ -]\d\d[ -]\d\d$/,
];
const SHAPES_SO_FAR = [
  /^(?:1(?:[ .-]|$))?(?:\([2-9]?|[2-9]|$)/,
  /^\((?:[1-9]\d{0,2}(?:\)|$)|$)/,
  /^1(?:[3-9]|$)/,
  /^8/,
];
/** Of these: in the first group, and in each of the others. */
const MAX_FIRST_GROUP = 3;
const MAX_GROUP = 5;
const MAX_SHAPE_DIGITS = 11;

/** With the 0 that a country's own numbers begin with. */
const NATIONAL = /^\(?0[1-9]\d{0,4}(?:\)|\D|$)/;
const MIN_NATIONAL = 9;
const MAX_NATIONAL = 12;
const DATE = /^\d\d\D\d\d\D(?:19|20)\d\d(?:\D|$)/;
const PAIRS = /^\d\d(?:\D\d\d){4}$/;
/** Of the United States: 02110-1301. */
const ZIP_CODE = /^\d{5}-\d{4}$/;

/** Whether the whole row is a phone number. */
export function isPhone(digitsAndJoints: string): boolean {
  // The other parenthesis may stand behind the whole number.
  const isOpen = digitsAndJoints.split("(").length > digitsAndJoints.split(")").length;
  const row =
    isOpen && digitsAndJoints.startsWith("(") ? digitsAndJoints.slice(1) : digitsAndJoints;
  const joints = row.split(/\d+/).slice(1, -1);
  if (!joints.every((joint) => JOINTS.test(joint)) || !isBalanced(row)) return false;
  const digits = row.replaceAll(/\D/g, "");
  if (/^\(?\+/.test(row)) return isInternational(row, digits);
  if (row.startsWith("00")) return isDialled(row, digits);
  if (/^\(?0/.test(row)) return isNational(row, digits, joints);
  return SHAPES.some((shape) => shape.test(row));
}

/** Whether a row that begins so may become a phone number. Some that may not pass, too: they are shown a little later. */
export function mayBecomePhone(row: string): boolean {
  const digits = row.replaceAll(/\D/g, "");
  if (digits.length > MAX_DIGITS) return false;
  if (/^\(?\+/.test(row)) return mayBecomeCallingCode(digits);
  if (digits.startsWith("00")) return digits.length < 3 || mayBecomeCallingCode(digits.slice(2));
  if (/^\(?0$/.test(row) || (digits.startsWith("0") && NATIONAL.test(row))) return true;
  const [first = 0, ...others] = (row.match(/\d+/g) ?? []).map(({ length }) => length);
  const isShort = first <= MAX_FIRST_GROUP && digits.length <= MAX_SHAPE_DIGITS;
  return (
    isShort &&
    others.every((length) => length <= MAX_GROUP) &&
    SHAPES_SO_FAR.some((shape) => shape.test(row) || shape.test(row.replace(/^\(/, "")))
  );
}

function isInternational(row: string, all: string): boolean {
  // "+44 (0)20 …": the 0 is not dialled from abroad.
  const digits = row.includes("(0)") ? row.replace("(0)", "").replaceAll(/\D/g, "") : all;
  const code = callingCodeOf(digits);
  if (code === undefined) return false;
  const number = digits.slice(code.length);
  if (code === "1") return /^[2-9]\d{9}$/.test(number);
  const isLong = digits.length >= MIN_INTERNATIONAL && digits.length <= MAX_INTERNATIONAL;
  return isLong && !/^0*$/.test(number);
}

/** "0049 30 …" */
function isDialled(row: string, digits: string): boolean {
  const isBare = digits.length === row.length;
  if (isBare && digits.length < MIN_BARE_INTERNATIONAL + 2) return false;
  return isInternational(row, digits.slice(2));
}

function isNational(row: string, digits: string, joints: readonly string[]): boolean {
  const isLong = digits.length >= MIN_NATIONAL && digits.length <= MAX_NATIONAL;
  const [first = "", ...others] = joints.slice(row.startsWith("(") ? 1 : 0);
  const hasArea = row.startsWith("(") ? joints[0]?.includes(")") : joints.length > 0;
  if (!isLong || !hasArea || !NATIONAL.test(row) || DATE.test(row) || ZIP_CODE.test(row)) {
    return false;
  }
  const groups = row.match(/\d+/g) ?? [];
  if (groups.some((group) => group.length < 2)) return false;
  if (groups.every((group) => group.length === 2)) return PAIRS.test(row);
  // Behind the area code, all joints are the same: "01.02.2024 10" is a date and a time.
  const [second = first] = others;
  if (others.some((joint) => joint !== second || joint.includes("/"))) return false;
  if (!row.includes(".")) return true;
  return groups[0]?.length !== 2 && groups.length <= MAX_DOTTED_GROUPS;
}

/** Four groups with full stops are a version or an IP address. */
const MAX_DOTTED_GROUPS = 3;

function isBalanced(row: string): boolean {
  return /^[^()]*(?:\([^()]*\)[^()]*)?$/.test(row);
}
