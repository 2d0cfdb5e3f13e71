import type { Activity } from "../conversation/activity.ts";
import type { StoredTurn } from "../store/turn-store.ts";
import type { Turn } from "../turns/turn.ts";

/**
 * The seam to the other replicas that share the database. In a single process there are none, and every
 * method does nothing (alone.ts).
 */
export interface Peers {
  /** The owner under which this process stores its answers. */
  readonly self: string;
  /**
   * A turn that another replica generates, numbered, read and resumed like one of this process.
   * Undefined when no replica has it any more: then what is stored is all there is.
   */
  follow(stored: StoredTurn): Turn | undefined;
  /** Asks the replica that generates it to stop it. Resolves when it has been asked. */
  stop(stored: StoredTurn): Promise<void>;
  /** Sends what the store has just taken to the feeds of the others. Never waited for, never throws. */
  announce(activity: Activity): void;
  /** Begins to answer the others from what this process has. */
  serve(own: OwnTurns): void;
  /** Gives up the place among the replicas; to be called after the drain. */
  leave(): Promise<void>;
}

/** What a process offers to its peers. */
export interface OwnTurns {
  find(turnId: string): Turn | undefined;
  onActivity(activity: Activity): void;
  /** The others have declared this process dead: its answers end as `interrupted`, and are not stored. */
  onFenced(): void;
}
