interface Known<T> {
  /** What it was read for. */
  readonly subject: string;
  /** Milliseconds of the monotonic clock. */
  readonly at: number;
  readonly value: Promise<T>;
}

/** Reads something at most once in a while, and remembers it meanwhile. A failed reading is not remembered. */
export class Remembered<T> {
  readonly #read: () => Promise<T>;
  readonly #maxAgeMs: number;
  #known: Known<T> | undefined;

  constructor(read: () => Promise<T>, maxAgeMs: number) {
    this.#read = read;
    this.#maxAgeMs = maxAgeMs;
  }

  /**
   * @param subject what it is read for: for another one, it is read anew
   * @throws what reading throws
   */
  read(subject = ""): Promise<T> {
    const at = performance.now();
    const known = this.#known;
    if (known?.subject === subject && at - known.at < this.#maxAgeMs) return known.value;
    const value = this.#read();
    this.#known = { subject, at, value };
    value.catch(() => void (this.#known = undefined));
    return value;
  }
}
