import { ClusterMetrics } from "../metrics/cluster-metrics.ts";
import type { Metrics } from "../metrics/metrics.ts";
import type { Logger } from "../runtime/logger.ts";
import { randomText } from "../runtime/random-text.ts";
import {
  type Beat,
  type ClusterStore,
  SHARED_STATES,
  type SharedState,
} from "../store/cluster-store.ts";
import type { TurnStore } from "../store/turn-store.ts";
import { Announcements } from "./announcements.ts";
import { type Bus, NO_BUS } from "./bus.ts";
import { decodeMessage } from "./decode-message.ts";
import { Following } from "./following.ts";
import { Membership } from "./membership.ts";
import { encodeMessage } from "./messages.ts";
import { PACE, type Pace } from "./pace.ts";
import type { OwnTurns, Peers } from "./peers.ts";
import { Relay } from "./relay.ts";
import { callReplicas } from "./roll-call.ts";

interface ClusterDeps {
  readonly store: Pick<TurnStore, "findTurn">;
  readonly cluster: ClusterStore;
  /** NO_BUS: the database alone connects the replicas. */
  readonly bus: Bus;
  readonly log: Logger;
  readonly metrics: Pick<Metrics, "show">;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** PACE by default. */
  readonly pace?: Pace;
}

const ADDRESS_BYTES = 9;

/**
 * Enters the replicas of a database. From then on this process shows them that it lives, until it leaves.
 * The caller closes the bus afterwards.
 * @throws what the store throws
 */
export async function createCluster({ pace = PACE, ...deps }: ClusterDeps): Promise<Peers> {
  const { cluster, bus } = deps;
  const address = randomText(ADDRESS_BYTES);
  const metrics = new ClusterMetrics(deps.metrics);
  let own: OwnTurns | undefined;
  const listeners = new Map<SharedState, (version: number) => void>();

  const relay = new Relay({
    bus,
    pace,
    find: (turnId) => own?.find(turnId),
    served: metrics.served,
  });
  const announcements = new Announcements({ bus, address, own: () => own });
  const membership = new Membership({
    ...deps,
    pace,
    address,
    metrics,
    news: () => {
      metrics.busUp.set(bus.isUp ? 1 : 0);
      relay.expire();
      return { announced: announcements.announced, reading: following.unheard() };
    },
    onBeat: takeBeat,
    onSwept: () => following.lookForOrphans(),
    onFenced: () => own?.onFenced(),
  });
  const isAlive = (owner: string) => membership.isAlive(owner);
  const following = new Following({ ...deps, pace, address, followed: metrics.followed, isAlive });

  function takeBeat({ others, stops, read, versions }: Beat): void {
    for (const of of SHARED_STATES) listeners.get(of)?.(versions[of]);
    for (const turnId of stops) own?.find(turnId)?.abort("stopped");
    relay.keep(read);
    announcements.compare(others);
    following.lookForOrphans();
  }

  function takeMessage(text: string): void {
    const message = decodeMessage(text);
    switch (message?.kind) {
      case "follow":
        return relay.follow(message.from, message.asks);
      case "unfollow":
        return relay.unfollow(message.from, message.turnIds);
      case "events":
        return following.take(message);
      case "stop":
        return own?.find(message.turnId)?.abort("stopped");
      case "typing":
        return own?.onTyping(message.conversationId);
      case "activities":
        return announcements.receive(message);
      case "version":
        return listeners.get(message.of)?.(message.version);
      case undefined:
    }
  }

  await membership.enter();
  return {
    get self() {
      return membership.self;
    },
    replicas: async () =>
      callReplicas({
        replicas: await cluster.listReplicas(),
        self: membership.self,
        bus: bus === NO_BUS ? undefined : bus,
      }),
    ping: () => membership.ping(),
    follow: (stored, offersPerson) => following.follow(stored, offersPerson),
    announce: (activity) => announcements.announce(activity),
    announceTyping: (conversationId) =>
      bus.sendToAll(encodeMessage({ kind: "typing", conversationId })),
    announceVersion: (of, version) =>
      bus.sendToAll(encodeMessage({ kind: "version", of, version })),
    onVersion: (of, listener) => void listeners.set(of, listener),
    serve(turns) {
      own = turns;
      bus.listen(address, { onMessage: takeMessage, onGap: () => following.askForAll() });
    },
    async leave() {
      following.close();
      await relay.close();
      await membership.leave();
    },
  };
}
