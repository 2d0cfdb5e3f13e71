/** Something that was stored, or erased, in a conversation. */
export interface Activity {
  readonly conversationId: string;
  readonly kind: "question" | "answer" | "erased";
}

interface Subscriber {
  onActivity(activity: Activity): void;
  /** There will be nothing more: the server is going down. */
  onEnd(): void;
}

/** Tells whoever listens in this process what the store has just taken. */
export class ActivityFeed {
  readonly #subscribers = new Set<Subscriber>();
  #hasEnded = false;
  #published = 0;

  /** How many there were so far: whoever has seen fewer has missed something. */
  get published(): number {
    return this.#published;
  }

  get subscribers(): number {
    return this.#subscribers.size;
  }

  /** @returns ends the subscription */
  subscribe(subscriber: Subscriber): () => void {
    if (this.#hasEnded) subscriber.onEnd();
    else this.#subscribers.add(subscriber);
    return () => void this.#subscribers.delete(subscriber);
  }

  publish(activity: Activity): void {
    this.#published++;
    for (const subscriber of this.#subscribers) subscriber.onActivity(activity);
  }

  end(): void {
    this.#hasEnded = true;
    for (const subscriber of this.#subscribers) subscriber.onEnd();
    this.#subscribers.clear();
  }
}
