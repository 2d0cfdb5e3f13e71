/** What has just been stored or erased in a conversation. */
export interface Activity {
  readonly conversationId: string;
  readonly kind: "question" | "answer" | "erased";
}

interface Subscriber {
  onActivity(activity: Activity): void;
  /** Nothing more will come: the server is going down. */
  onEnd(): void;
}

/** Passes on to the subscribers in this process what the store has just written. */
export class ActivityFeed {
  readonly #subscribers = new Set<Subscriber>();
  #hasEnded = false;
  #published = 0;

  /** How many activities there were so far. A subscriber that has seen fewer has missed some. */
  get published(): number {
    return this.#published;
  }

  get subscribers(): number {
    return this.#subscribers.size;
  }

  /** @returns a function that ends the subscription */
  subscribe(subscriber: Subscriber): () => void {
    if (this.#hasEnded) subscriber.onEnd();
    else this.#subscribers.add(subscriber);
    return () => void this.#subscribers.delete(subscriber);
  }

  publish(activity: Activity): void {
    this.#published++;
    for (const subscriber of this.#subscribers) subscriber.onActivity(activity);
  }

  /**
   * Activities may have been missed. Ends the subscriptions: whoever subscribes again sees that more was
   * published.
   */
  missed(): void {
    this.#published++;
    const all = [...this.#subscribers];
    this.#subscribers.clear();
    for (const subscriber of all) subscriber.onEnd();
  }

  end(): void {
    this.#hasEnded = true;
    for (const subscriber of this.#subscribers) subscriber.onEnd();
    this.#subscribers.clear();
  }
}
