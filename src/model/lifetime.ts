/** A date that a provider announces is looked at once a day. */
const CHECK_INTERVAL_MS = 24 * 60 * 60 * 1000;
/** How long a page waits for the answer; a later page has it. */
const PATIENCE_MS = 1000;

/** When the model ends, if its provider says so (milliseconds since the epoch). */
export type ModelLifetime = () => Promise<number | undefined>;

/**
 * Looks when somebody wants to know, and at most once a day, also where that fails: nothing is asked
 * of a server whose owner opens no page.
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
