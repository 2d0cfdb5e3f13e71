/** The provider's date is read at most once a day. */
const CHECK_INTERVAL_MS = 24 * 60 * 60 * 1000;
/** How long a page waits for the date. A date that comes later is shown on the next page. */
const PATIENCE_MS = 1000;

/** When the model ends, if its provider says so (milliseconds since the epoch). */
export type ModelLifetime = () => Promise<number | undefined>;

/**
 * Asks the provider when a page needs the date, at most once a day, even after a failure. When the owner
 * opens no page, no request is made.
 */
export function createModelLifetime(
  find: () => Promise<number | undefined>,
  now: () => number,
): ModelLifetime {
  let askedAt = -Infinity;
  let known: number | undefined;
  return async () => {
    if (now() - askedAt < CHECK_INTERVAL_MS) return known;
    askedAt = now();
    const finding = find().then((found) => (known = found));
    await Promise.race([finding, Bun.sleep(PATIENCE_MS)]);
    return known;
  };
}
