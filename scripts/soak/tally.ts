/** What visitors and the owner do. */
type Deed = "answers" | "whole answers" | "resumed" | "left" | "histories" | "pages";

/** The failures of one kind. */
export interface Failure {
  readonly what: string;
  readonly count: number;
  /** The message of the first one. */
  readonly first: string;
}

/** Counts deeds and failures by name. */
export class Tally {
  readonly #done = new Map<Deed, number>();
  readonly #failures = new Map<string, { count: number; first: string }>();

  get errors(): number {
    let errors = 0;
    for (const { count } of this.#failures.values()) errors += count;
    return errors;
  }

  get failures(): readonly Failure[] {
    return Array.from(this.#failures, ([what, failure]) => ({ what, ...failure }));
  }

  done(deed: Deed): void {
    this.#done.set(deed, this.count(deed) + 1);
  }

  count(deed: Deed): number {
    return this.#done.get(deed) ?? 0;
  }

  failed(what: string, error: unknown): void {
    this.add(what, 1, error instanceof Error ? error.message : String(error));
  }

  /** Adds failures that were counted elsewhere. A count of 0 is ignored. */
  add(what: string, count: number, first: string): void {
    if (count === 0) return;
    const known = this.#failures.get(what);
    if (known) known.count += count;
    else this.#failures.set(what, { count, first });
  }
}
