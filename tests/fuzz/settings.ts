/**
 * How many requests all tests of a run send together. FUZZ_REQUESTS sets it; CI sets ten times as many, and
 * somebody who has time may set more.
 */
export const REQUESTS = wholeNumber(process.env.FUZZ_REQUESTS) ?? 10_000;

/** Only a guard against hanging: a request takes about 0.2 ms, and a few times as much on a busy machine. */
export const TIMEOUT_MS = 60_000 + REQUESTS * 5;

function wholeNumber(text: string | undefined): number | undefined {
  const number = Number(text);
  return Number.isSafeInteger(number) && number > 0 ? number : undefined;
}
