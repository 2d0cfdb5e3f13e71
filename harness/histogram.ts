import type { Exposition } from "./exposition.ts";

/** How many values were at most `upTo`, as Prometheus counts them. */
export interface Bucket {
  readonly upTo: number;
  readonly count: number;
}

/** The buckets of a histogram without labels, the smallest first. */
export function bucketsOf({ values }: Exposition, name: string): Bucket[] {
  const start = `${name}_bucket{le="`;
  const buckets: Bucket[] = [];
  for (const [sample, count] of values) {
    if (!sample.startsWith(start)) continue;
    const bound = sample.slice(start.length, -'"}'.length);
    buckets.push({ upTo: bound === "+Inf" ? Number.POSITIVE_INFINITY : Number(bound), count });
  }
  return buckets;
}

/** The counts between two readings. */
export function countedSince(before: readonly Bucket[], now: readonly Bucket[]): Bucket[] {
  return now.map(({ upTo, count }, index) => ({
    upTo,
    count: count - (before[index]?.count ?? 0),
  }));
}

/**
 * The value below which the given part of the values lies. Values count as evenly spread within their bucket,
 * as in Prometheus' histogram_quantile. Infinite above the last bound; NaN when there are no values.
 */
export function bucketQuantile(buckets: readonly Bucket[], part: number): number {
  const rank = part * (buckets.at(-1)?.count ?? 0);
  if (rank === 0) return Number.NaN;
  let below: Bucket = { upTo: 0, count: 0 };
  for (const bucket of buckets) {
    if (bucket.count >= rank) {
      if (bucket.upTo === Number.POSITIVE_INFINITY) return bucket.upTo;
      const share = (rank - below.count) / (bucket.count - below.count);
      return below.upTo + (bucket.upTo - below.upTo) * share;
    }
    below = bucket;
  }
  return Number.NaN;
}
