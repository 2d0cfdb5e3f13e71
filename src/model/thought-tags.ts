/** The tags around models' thoughts, in lower case. */
const TAGS: readonly (readonly [opening: string, closing: string])[] = [
  ["<think>", "</think>"],
  ["<thinking>", "</thinking>"],
  ["<thought>", "</thought>"],
  ["<thoughts>", "</thoughts>"],
  ["<reasoning>", "</reasoning>"],
  ["<seed:think>", "</seed:think>"],
  ["<longcat_think>", "</longcat_think>"],
  ["<antthinking>", "</antthinking>"],
  ["[think]", "[/think]"],
  ["◁think▷", "◁/think▷"],
  ["<|begin_of_thought|>", "<|end_of_thought|>"],
  ["<|start_thinking|>", "<|end_thinking|>"],
  ["<|channel|>analysis<|message|>", "<|channel|>final<|message|>"],
  ["<|channel>thought", "<channel|>"],
  ["<unused94>thought", "<unused95>"],
];
export const OPENING = TAGS.map(([opening]) => opening);
const CLOSING = TAGS.map(([, closing]) => closing);
export const ALL: readonly string[] = [...OPENING, ...CLOSING];
export const LONGEST_TAG = Math.max(...ALL.map((tag) => tag.length));

/** A pattern that finds any of the tags, in capital letters too. It searches from its `lastIndex`. */
function searchFor(tags: readonly string[]): RegExp {
  return new RegExp(tags.map((tag) => tag.replaceAll(/[[\]|/]/g, String.raw`\$&`)).join("|"), "gi");
}

const ANY_TAG = searchFor(ALL);
const ANY_CLOSING = searchFor(CLOSING);

export interface FoundTag {
  readonly start: number;
  readonly end: number;
  readonly isClosing: boolean;
}

/** The first tag in the text at or after an index. */
export function findTag(text: string, from: number): FoundTag | undefined {
  return find(ANY_TAG, text, from);
}

/** The first closing tag of any kind at or after an index. Models mix the names. */
export function findClosing(text: string, from: number): FoundTag | undefined {
  return find(ANY_CLOSING, text, from);
}

function find(tags: RegExp, text: string, from: number): FoundTag | undefined {
  tags.lastIndex = from;
  const found = tags.exec(text);
  if (found === null) return undefined;
  const isClosing = CLOSING.includes(found[0].toLowerCase());
  return { start: found.index, end: tags.lastIndex, isClosing };
}

/** The characters that tags begin with. */
export const TAG_BEGINS = /[<[◁]/;

/** The end of the text, if it may be the first half of a tag; otherwise empty. */
export function halfTag(text: string, from: number): string {
  const end = text.slice(Math.max(from, text.length - LONGEST_TAG));
  for (let start = end.search(TAG_BEGINS); start !== -1 && start < end.length; start += 1) {
    const half = end.slice(start).toLowerCase();
    if (ALL.some((tag) => tag.startsWith(half))) return end.slice(start);
  }
  return "";
}

/** Whether this first half may belong to an opening tag. */
export function mayOpen(half: string): boolean {
  const written = half.toLowerCase();
  return written !== "" && OPENING.some((tag) => tag.startsWith(written));
}
