/** What has changed in a text. */
export interface ShortDiff {
  /** What both begin with, cut at its beginning. */
  readonly before: string;
  readonly removed: string;
  readonly added: string;
  /** What both end with, cut at its end. */
  readonly behind: string;
}

/** How many words are shown of what has not changed, on each side. */
const CONTEXT_WORDS = 6;
/** A longer change is cut. In characters. */
const MAX_LENGTH = 600;

/** What is between the first and the last word in which two texts differ. Undefined: they have the same words. */
export function shortDiff(old: string, text: string): ShortDiff | undefined {
  const [olds, news] = [wordsIn(old), wordsIn(text)];
  const shorter = Math.min(olds.length, news.length);
  let same = 0;
  while (same < shorter && olds[same] === news[same]) same += 1;
  if (same === olds.length && same === news.length) return undefined;
  let end = 0;
  while (end < shorter - same && olds.at(-1 - end) === news.at(-1 - end)) end += 1;
  const behind = news.slice(news.length - end);
  const isCutBefore = same > CONTEXT_WORDS;
  const isCutBehind = end > CONTEXT_WORDS;
  return {
    before: `${isCutBefore ? "… " : ""}${news.slice(Math.max(0, same - CONTEXT_WORDS), same).join(" ")}`,
    removed: cut(olds.slice(same, olds.length - end).join(" ")),
    added: cut(news.slice(same, news.length - end).join(" ")),
    behind: `${behind.slice(0, CONTEXT_WORDS).join(" ")}${isCutBehind ? " …" : ""}`,
  };
}

function wordsIn(text: string): string[] {
  return text.split(/\s+/).filter((word) => word !== "");
}

function cut(text: string): string {
  return text.length > MAX_LENGTH ? `${text.slice(0, MAX_LENGTH - 1).toWellFormed()}…` : text;
}
