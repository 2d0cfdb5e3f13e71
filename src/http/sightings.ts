interface SightingsDeps {
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** More websites are not told apart. Whoever has so many names them with a star. */
const MAX_WEBSITES = 100;

/** Which websites have asked for the widget or the chat since the start, so that the owner sees that his tag works. */
export class Sightings {
  readonly #now: () => number;
  readonly #lastAt = new Map<string, number>();

  constructor({ now }: SightingsDeps) {
    this.#now = now;
  }

  /** Notes a request of a website that is allowed. */
  note(origin: string): void {
    if (this.#lastAt.size < MAX_WEBSITES || this.#lastAt.has(origin)) {
      this.#lastAt.set(origin, this.#now());
    }
  }

  /** The website that was seen last, and when. */
  last(): { readonly origin: string; readonly at: number } | undefined {
    let last: { readonly origin: string; readonly at: number } | undefined;
    for (const [origin, at] of this.#lastAt) {
      if (last === undefined || at >= last.at) last = { origin, at };
    }
    return last;
  }
}
