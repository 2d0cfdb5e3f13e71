/** Adds to the count under a name. Counts of zero are deleted, so that the map stays small. */
export function tally(counts: Map<string, number>, name: string, change: number): void {
  const sum = (counts.get(name) ?? 0) + change;
  if (sum > 0) counts.set(name, sum);
  else counts.delete(name);
}
