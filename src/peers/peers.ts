import type { Activity } from "../conversation/activity.ts";
import type { Replica, SharedState } from "../store/cluster-store.ts";
import type { StoredTurn } from "../store/turn-store.ts";
import type { Turn } from "../turns/turn.ts";

/**
 * The seam to the other replicas that share the database. In a single process there are none, and every
 * method does nothing (alone.ts).
 */
export interface Peers {
  /** The owner under which this process stores its answers. */
  readonly self: string;
  /** The replicas that share the database, this one included. Empty in a single process. */
  replicas(): Promise<readonly KnownReplica[]>;
  /** Rejects while this process has lost touch with the others and should get no traffic. */
  ping(): Promise<void>;
  /**
   * A turn that another replica generates. It is numbered, read, resumed and aborted like a turn of this
   * process: an abort asks the replica that generates it. Waits a moment for its first events.
   * Undefined when no replica has it any more: then nothing exists beyond what is stored.
   * @param offersPerson whether a person can be reached, for an end that comes from the database
   */
  follow(stored: StoredTurn, offersPerson: boolean): Promise<Turn | undefined>;
  /** Sends what the store has just written to the other replicas' feeds. Does not wait, never throws. */
  announce(activity: Activity): void;
  /**
   * Lets the other replicas know that the owner is writing in a conversation; without a bus, nobody. Does not wait,
   * never throws.
   */
  announceTyping(conversationId: string): void;
  /** Lets the other replicas know a version that this one has stored. Does not wait, never throws. */
  announceVersion(of: SharedState, version: number): void;
  /** The listener is called with the version that the others have, at least every second. */
  onVersion(of: SharedState, listener: (version: number) => void): void;
  /** Begins to answer the other replicas from this process's turns. */
  serve(own: OwnTurns): void;
  /** Leaves the group of replicas. Called after the drain. */
  leave(): Promise<void>;
}

/** What a process offers to its peers. */
export interface OwnTurns {
  find(turnId: string): Turn | undefined;
  onActivity(activity: Activity): void;
  /** The owner is writing at another replica. */
  onTyping(conversationId: string): void;
  /** Activities of the others may have been missed. */
  onMissedActivity(): void;
  /**
   * The others have declared this process dead, and end its answers as `interrupted`. It must abort them: their
   * readers get the end that is stored.
   */
  onFenced(): void;
}

/** A replica as this one sees it. */
export interface KnownReplica extends Replica {
  readonly isSelf: boolean;
  /** Whether it hears this replica's messages. Undefined without a bus. */
  readonly isReached: boolean | undefined;
}
