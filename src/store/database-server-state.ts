import type { Replica } from "./cluster-store.ts";

/** What a database on a server of its own holds, for the doctor. */
export interface DatabaseServerState {
  readonly sizeBytes: number;
  /** Undefined: no server has ever used the database. */
  readonly schema: SchemaState | undefined;
  /** The replicas that nobody has declared dead. */
  readonly replicas: readonly SeenReplica[];
}

export interface SchemaState {
  readonly version: number;
  /** The newest schema that this version knows. */
  readonly known: number;
  /** Whether this version can work with it. During an update, an older one can work with a newer schema. */
  readonly isUsable: boolean;
}

export interface SeenReplica extends Replica {
  /** Whether its counter grew while it was looked at. */
  readonly isBeating: boolean;
}
