/** The word that differs least from the written one. Undefined if there are no words. */
export function nearest(written: string, words: readonly string[]): string | undefined {
  const [first] = words.toSorted(
    (left, right) => editDistance(written, left) - editDistance(written, right),
  );
  return first;
}

/** The Levenshtein distance: how many letters must be changed, added or removed. Computed row by row. */
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
