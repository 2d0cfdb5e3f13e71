/** Adds to what is counted under a name. What counts nothing goes: the map is as large as what goes on. */
export function tally(counts: Map<string, number>, name: string, change: number): void {
  const sum = (counts.get(name) ?? 0) + change;
  if (sum > 0) counts.set(name, sum);
  else counts.delete(name);
}
