/** The value below which the given part of the values lies (nearest rank); 0 of nothing. */
export function quantile(values: readonly number[], part: number): number {
  const sorted = Float64Array.from(values).toSorted();
  const rank = Math.ceil(part * sorted.length) - 1;
  return sorted[Math.min(sorted.length - 1, Math.max(0, rank))] ?? 0;
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}
