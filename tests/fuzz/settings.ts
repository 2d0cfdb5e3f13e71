/** How many requests a run sends, in all its tests together: FUZZ_REQUESTS, or what CI has time for. */
export const REQUESTS = wholeNumber(process.env.FUZZ_REQUESTS) ?? 100_000;

/** Against hanging only: a request takes a fifth of a millisecond, and a busy machine a few of them. */
export const TIMEOUT_MS = 60_000 + REQUESTS * 5;

function wholeNumber(text: string | undefined): number | undefined {
  const number = Number(text);
  return Number.isSafeInteger(number) && number > 0 ? number : undefined;
}
