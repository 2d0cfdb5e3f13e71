import type { Activity } from "./activity.ts";

/** Follows what happens in one conversation, for as long as its visitor looks at it. */
export interface Follower {
  onActivity(activity: Activity): void;
  /** The owner is writing. This is stored nowhere. */
  onTyping(): void;
  /** Something may have happened: look into the store. Never rejects. */
  onMissed(): Promise<void>;
  /** Nothing more will come: the server is going down. */
  onEnd(): void;
}

/** Passes on to each follower in this process what happens in its conversation. */
export class Followers {
  readonly #byConversation = new Map<string, Set<Follower>>();
  #hasEnded = false;
  /** Whether the followers look into the store at this moment, and whether they must do it again. */
  #isLooking = false;
  #mustLookAgain = false;

  /** @returns a function that ends the following */
  follow(conversationId: string, follower: Follower): () => void {
    if (this.#hasEnded) {
      queueMicrotask(() => follower.onEnd());
      return () => {};
    }
    const ofConversation = this.#of(conversationId);
    this.#byConversation.set(conversationId, ofConversation.add(follower));
    return () => {
      ofConversation.delete(follower);
      const isLast = ofConversation.size === 0;
      if (isLast && this.#byConversation.get(conversationId) === ofConversation) {
        this.#byConversation.delete(conversationId);
      }
    };
  }

  publish(activity: Activity): void {
    const followers = this.#byConversation.get(activity.conversationId);
    for (const follower of followers ?? []) follower.onActivity(activity);
  }

  typing(conversationId: string): void {
    for (const follower of this.#byConversation.get(conversationId) ?? []) follower.onTyping();
  }

  /**
   * Activities may have been missed: without a bus, with every beat of a busy replica. The followers look one after
   * the other, so that thousands of them do not ask the database at once.
   */
  missed(): void {
    this.#mustLookAgain = true;
    if (!this.#isLooking) void this.#look();
  }

  end(): void {
    this.#hasEnded = true;
    for (const follower of this.#all()) follower.onEnd();
    this.#byConversation.clear();
  }

  async #look(): Promise<void> {
    this.#isLooking = true;
    while (this.#mustLookAgain && !this.#hasEnded) {
      this.#mustLookAgain = false;
      for (const follower of this.#all()) await follower.onMissed();
    }
    this.#isLooking = false;
  }

  #of(conversationId: string): Set<Follower> {
    return this.#byConversation.get(conversationId) ?? new Set();
  }

  #all(): Follower[] {
    return [...this.#byConversation.values()].flatMap((followers) => [...followers]);
  }
}
