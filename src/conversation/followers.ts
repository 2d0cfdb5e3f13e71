import type { Activity } from "./activity.ts";

/** Follows what happens in one conversation, for as long as its visitor looks at it. */
export interface Follower {
  onActivity(activity: Activity): void;
  /** The owner is writing. This is stored nowhere. */
  onTyping(): void;
  /**
   * Something may have happened: look into the store. Returns whether there was nothing new, and nothing is left to read.
   * Never rejects.
   */
  onMissed(): Promise<boolean>;
  /** Nothing more will come: the server is going down. */
  onEnd(): void;
}

/** For each of these conversations that is there a text that changes with whatever its followers want to know. */
type VersionsOf = (conversationIds: readonly string[]) => Promise<ReadonlyMap<string, string>>;

/** The followers of a conversation. */
interface Followed {
  readonly followers: Set<Follower>;
  /**
   * What all of them have seen. Undefined where one of them may have seen something else: a version may come again, as when
   * the owner takes over and gives back.
   */
  version: string | undefined;
}

/** Passes on to each follower in this process what happens in its conversation. */
export class Followers {
  readonly #versionsOf: VersionsOf;
  readonly #byConversation = new Map<string, Followed>();
  #hasEnded = false;
  /** Whether the followers look into the store at this moment, and whether they must do it again. */
  #isLooking = false;
  #mustLookAgain = false;

  constructor(versionsOf: VersionsOf) {
    this.#versionsOf = versionsOf;
  }

  /** @returns a function that ends the following */
  follow(conversationId: string, follower: Follower): () => void {
    if (this.#hasEnded) {
      queueMicrotask(() => follower.onEnd());
      return () => {};
    }
    const followed = this.#byConversation.get(conversationId) ?? {
      followers: new Set(),
      version: undefined,
    };
    this.#byConversation.set(conversationId, followed);
    followed.followers.add(follower);
    followed.version = undefined;
    return () => {
      followed.followers.delete(follower);
      const isLast = followed.followers.size === 0;
      if (isLast && this.#byConversation.get(conversationId) === followed) {
        this.#byConversation.delete(conversationId);
      }
    };
  }

  publish(activity: Activity): void {
    const followed = this.#byConversation.get(activity.conversationId);
    if (followed) followed.version = undefined;
    for (const follower of this.#of(activity.conversationId)) follower.onActivity(activity);
  }

  typing(conversationId: string): void {
    for (const follower of this.#of(conversationId)) follower.onTyping();
  }

  /**
   * Activities may have been missed: without a bus, with every beat of a busy replica. One query says which conversations
   * have changed. Their followers look one after the other, so that thousands do not ask the database at once.
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
      await this.#lookOnce();
    }
    this.#isLooking = false;
  }

  async #lookOnce(): Promise<void> {
    const followed = [...this.#byConversation];
    if (followed.length === 0) return;
    let versions: ReadonlyMap<string, string>;
    try {
      versions = await this.#versionsOf(followed.map(([id]) => id));
    } catch {
      // The store is away. What has changed is seen with the next beat.
      return;
    }
    for (const [id, each] of followed) {
      const version = versions.get(id);
      if (version !== undefined && version === each.version) continue;
      each.version = version;
      for (const follower of each.followers) {
        if (!(await follower.onMissed())) each.version = undefined;
      }
    }
  }

  #of(conversationId: string): Iterable<Follower> {
    return this.#byConversation.get(conversationId)?.followers ?? [];
  }

  #all(): Follower[] {
    return [...this.#byConversation.values()].flatMap(({ followers }) => [...followers]);
  }
}
