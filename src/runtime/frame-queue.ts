const utf8 = new TextEncoder();

interface FrameQueueOptions {
  /** The queue ends by itself after this many frames. */
  readonly maxFrames: number;
  /** Called once, when the queue has ended or its reader has left. */
  readonly onEnd: () => void;
}

/** A queue of text for one reader, who gets each piece encoded as UTF-8 and in order. */
export class FrameQueue {
  readonly #waiting: Uint8Array[] = [];
  readonly #onEnd: () => void;
  #framesLeft: number;
  #hasEnded = false;
  #wake = () => {};

  constructor({ maxFrames, onEnd }: FrameQueueOptions) {
    this.#framesLeft = maxFrames;
    this.#onEnd = onEnd;
  }

  /** Does nothing once the queue has ended. */
  push(text: string): void {
    if (this.#hasEnded) return;
    this.#waiting.push(utf8.encode(text));
    this.#framesLeft -= 1;
    if (this.#framesLeft === 0) this.end();
    this.#wake();
  }

  /** The reader still gets the frames that wait. */
  end(): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#onEnd();
    this.#wake();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    try {
      for (;;) {
        const frame = this.#waiting.shift();
        if (frame !== undefined) yield frame;
        else if (this.#hasEnded) return;
        else await new Promise<void>((resolve) => (this.#wake = resolve));
      }
    } finally {
      this.end();
    }
  }
}
