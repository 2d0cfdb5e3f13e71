import type { Replica } from "../store/cluster-store.ts";
import type { Bus } from "./bus.ts";
import { addressOf } from "./owner.ts";
import type { KnownReplica } from "./peers.ts";

interface RollCall {
  readonly replicas: readonly Replica[];
  /** The id of the replica that asks. */
  readonly self: string;
  /** Undefined: the replicas have no bus. */
  readonly bus: Pick<Bus, "send"> | undefined;
}

/** A message that its receivers do not know, and drop. */
const NOTHING = "[]";

/** Finds out which replicas the bus reaches. */
export function callReplicas({ replicas, self, bus }: RollCall): Promise<readonly KnownReplica[]> {
  return Promise.all(
    replicas.map(async (replica) => ({
      ...replica,
      isSelf: replica.id === self,
      isReached: await bus?.send(addressOf(replica.id), NOTHING),
    })),
  );
}
