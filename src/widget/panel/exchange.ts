import { type Entry, entryOf } from "./entry.ts";

/** A question and the state of its answer. */
export interface Exchange {
  readonly question: Entry;
  /** A request that is repeated with the same key never asks twice. */
  readonly key: string;
  readonly answer: Entry;
  turnId?: string | undefined;
  lastEvent: number;
  /** Asked here, on this page or the one before. The page hears of the answer. */
  readonly isOurs: boolean;
}

export function exchangeOf(question: Entry): Exchange {
  const answer = entryOf("assistant", "", "streaming");
  return { question, key: randomKey(), answer, lastEvent: 0, isOurs: true };
}

/** A key only has to differ from the other keys of its session. */
function randomKey(): string {
  return `${Math.random()}-${Date.now()}`;
}
