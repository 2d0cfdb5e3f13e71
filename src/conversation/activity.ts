import { randomText } from "../runtime/random-text.ts";

export const ACTIVITIES = [
  "question",
  "answer",
  "erased",
  "restored",
  "rating",
  "request",
  "message",
  "person",
] as const;

/**
 * What has just been stored, changed or erased in a conversation, or that it was restored. `message`: of the owner.
 * `person`: he has taken over, or given back.
 */
export interface Activity {
  readonly conversationId: string;
  readonly kind: (typeof ACTIVITIES)[number];
}

interface Subscriber {
  onActivity(activity: Activity): void;
  /** Nothing more will come: the server is going down. */
  onEnd(): void;
}

const NAME_BYTES = 9;

/** Passes on to the subscribers in this process what the store has just written. */
export class ActivityFeed {
  readonly #subscribers = new Set<Subscriber>();
  readonly #listeners: (() => void)[] = [];
  /** Two feeds never have the same: equal counts of two replicas, or of two starts, would hide a missed activity. */
  readonly #name = randomText(NAME_BYTES);
  #hasEnded = false;
  #published = 0;

  /**
   * An opaque text for what was published so far. Whoever has another than this one may have missed activities,
   * or has it from another feed.
   */
  get published(): string {
    return `${this.#name}.${this.#published}`;
  }

  get subscribers(): number {
    return this.#subscribers.size;
  }

  /** The listener is called for every activity, and when some may have been missed. */
  onAny(listener: () => void): void {
    this.#listeners.push(listener);
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
    for (const listener of this.#listeners) listener();
  }

  /**
   * Activities may have been missed, or something else has changed that pages show. Ends the subscriptions: whoever
   * subscribes again sees that `published` is another.
   */
  missed(): void {
    this.#published++;
    const all = [...this.#subscribers];
    this.#subscribers.clear();
    for (const subscriber of all) subscriber.onEnd();
    for (const listener of this.#listeners) listener();
  }

  end(): void {
    this.#hasEnded = true;
    for (const subscriber of this.#subscribers) subscriber.onEnd();
    this.#subscribers.clear();
  }
}
