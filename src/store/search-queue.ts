import { type Searched, TooManySearchesError } from "./conversation-store.ts";

/** A search ends after this time, with the result so far. */
export const SEARCH_TIME_MS = 1000;
/** A search ends when it has found this many messages. */
export const MAX_FOUND_MESSAGES = 5000;
/** How many searches may be under way or waiting. Further ones are refused. */
const MAX_SEARCHES = 4;

/** Runs searches one after the other, so that they never take more than one processor. */
export class SearchQueue {
  #last: Promise<unknown> = Promise.resolve();
  #searches = 0;

  /** @throws TooManySearchesError */
  async run<Result>(search: () => Promise<Result>): Promise<Result> {
    if (this.#searches >= MAX_SEARCHES) throw new TooManySearchesError();
    this.#searches += 1;
    const result = this.#last.then(search);
    this.#last = result.catch(() => undefined);
    try {
      return await result;
    } finally {
      this.#searches -= 1;
    }
  }
}

/** Whether a search ended before it had found enough or looked at every message. What it would have found is not known. */
export function isCutByTime({ isComplete, matches }: Searched): boolean {
  return !isComplete && matches < MAX_FOUND_MESSAGES;
}
