/**
 * How many requests a run sends, in all its tests together: FUZZ_REQUESTS, which CI sets to ten times as
 * many, or what somebody who waits has time for.
 */
export const REQUESTS = wholeNumber(process.env.FUZZ_REQUESTS) ?? 10_000;

/** Against hanging only: a request takes a fifth of a millisecond, and a busy machine a few of them. */
export const TIMEOUT_MS = 60_000 + REQUESTS * 5;

function wholeNumber(text: string | undefined): number | undefined {
  const number = Number(text);
  return Number.isSafeInteger(number) && number > 0 ? number : undefined;
}
