/**
 * What the replicas that share a database agree on through it. No clock is compared: each replica raises a
 * counter of its own, and the others see it stand still when it has died.
 */
export interface ClusterStore {
  /**
   * Registers a replica, with its counter at 0. May be repeated when it is not known whether it succeeded. Later
   * calls of one process use a new id.
   */
  enter(replica: NewReplica): Promise<void>;
  /** Raises the replica's counter, stores its news, and reads what the others have left for it. */
  beat(self: string, news: ReplicaNews): Promise<Beat>;
  /**
   * Declares a replica dead, if its counter still has the given value. Returns false when it has not, or when
   * it was already dead. Call `sweep` afterwards.
   */
  bury(id: string, beat: number): Promise<boolean>;
  /** Ends the answers of dead replicas as `interrupted`. Returns how many there were. */
  sweep(): Promise<number>;
  /** Asks the owner of an answer under way to stop it. The owner sees it with its next beat. */
  requestStop(turnId: string): Promise<void>;
  /** The replicas that are not dead, the oldest first. */
  listReplicas(): Promise<readonly Replica[]>;
  /** Takes the replica off the list. Its answers under way count as those of a dead one. */
  leave(self: string): Promise<void>;
}

export interface NewReplica {
  readonly id: string;
  /** The name of its machine, for people. */
  readonly host: string;
  readonly version: string;
  readonly startedAt: number;
}

export interface Replica extends NewReplica {
  /** Grows with every beat. */
  readonly beat: number;
}

/** What a replica lets the others know with a beat. */
export interface ReplicaNews {
  /** How many activities it has announced so far. Never falls while the process lives. */
  readonly announced: number;
  /** The turns that somebody reads here, and that the bus does not bring. Their owners must not abandon them. */
  readonly reading: readonly string[];
}

/** What replicas keep from the database, each with a version that grows: the owner's settings, what the bot knows. */
export const SHARED_STATES = ["settings", "knowledge"] as const;
export type SharedState = (typeof SHARED_STATES)[number];

/** What a replica learns with a beat. */
export interface Beat {
  /** False when the others have declared this replica dead. It must end its answers and enter anew. */
  readonly isAlive: boolean;
  /** The other replicas that are not dead, by id. */
  readonly others: ReadonlyMap<string, OtherReplica>;
  /** The turns of this replica that somebody has asked to stop. */
  readonly stops: readonly string[];
  /** The turns of this replica that are read at another one, by the news of the others. */
  readonly read: readonly string[];
  /** The versions of what all replicas have from the database. */
  readonly versions: Readonly<Record<SharedState, number>>;
  /** Whether answers of dead replicas are still `streaming`. Then somebody must call `sweep`. */
  readonly hasOrphans: boolean;
}

export interface OtherReplica {
  readonly beat: number;
  readonly announced: number;
}
