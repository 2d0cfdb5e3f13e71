/** The one of several words that differs least from what somebody wrote. */
export function nearest(written: string, words: readonly string[]): string | undefined {
  const [first] = words.toSorted(
    (left, right) => editDistance(written, left) - editDistance(written, right),
  );
  return first;
}

/** Levenshtein distance: how many letters have to be changed, added or taken away. One row at a time. */
export function editDistance(left: string, right: string): number {
  let previous = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let i = 1; i <= left.length; i++) {
    const current = [i];
    for (let j = 1; j <= right.length; j++) {
      const substitution = (previous[j - 1] ?? 0) + (left[i - 1] === right[j - 1] ? 0 : 1);
      current.push(Math.min((previous[j] ?? 0) + 1, (current[j - 1] ?? 0) + 1, substitution));
    }
    previous = current;
  }
  return previous[right.length] ?? 0;
}
