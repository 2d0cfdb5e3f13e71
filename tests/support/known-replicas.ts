import { ALONE } from "../../src/peers/alone.ts";
import type { KnownReplica, Peers } from "../../src/peers/peers.ts";

/** The peers of a replica that knows these and does nothing. Each has the name `<host>.1`, the first is this one. */
export function knownReplicas(reached: Readonly<Record<string, boolean | undefined>>): Peers {
  const replicas = Object.entries(reached).map(([host, isReached], i): KnownReplica => {
    const startedAt = Date.UTC(2026, 10, 20 + i);
    return {
      id: `${host}.1`,
      host,
      version: "1.2.3",
      startedAt,
      beat: 7,
      isSelf: i === 0,
      isReached,
    };
  });
  return { ...ALONE, self: replicas[0]?.id ?? "", replicas: async () => replicas };
}
