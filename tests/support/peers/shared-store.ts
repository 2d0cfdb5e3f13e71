import type {
  Beat,
  ClusterStore,
  NewReplica,
  ReplicaNews,
} from "../../../src/store/cluster-store.ts";
import { openSqliteStore } from "../../../src/store/sqlite/open.ts";
import type { Store } from "../../../src/store/store.ts";
import type { NewTurn, StoredTurn } from "../../../src/store/turn-store.ts";
import { outcome } from "../stored-turns.ts";

/** A database that several replicas of a test share. */
export interface SharedDatabase {
  readonly store: Store;
  readonly cluster: ClusterStore;
}

interface Row extends NewReplica {
  beat: number;
  news: ReplicaNews;
}

/** In the memory of this process: SQLite for the conversations, and maps for what it does not have. */
export function openSharedMemory(): SharedDatabase {
  const sqlite = openSqliteStore(":memory:");
  const owners = new Map<string, string>();
  const replicas = new Map<string, Row>();
  const stops = new Set<string>();
  const withOwner = (stored: StoredTurn | undefined) =>
    stored && { ...stored, owner: owners.get(stored.turnId) };

  const changed: Partial<Store> = {
    async beginTurn(turn: NewTurn) {
      const beginning = await sqlite.beginTurn(turn);
      if (beginning.kind === "begun") owners.set(turn.turnId, turn.owner);
      if (beginning.kind !== "earlier") return beginning;
      return {
        ...beginning,
        turn: { ...beginning.turn, owner: owners.get(beginning.turn.turnId) },
      };
    },
    findTurn: async (turnId) => withOwner(await sqlite.findTurn(turnId)),
    findTurnByIdempotencyKey: async (sessionId, key) =>
      withOwner(await sqlite.findTurnByIdempotencyKey(sessionId, key)),
  };
  const store = new Proxy<Store>(sqlite, {
    get(target, name) {
      const member: unknown = Reflect.get(name in changed ? changed : target, name);
      return typeof member === "function" ? member.bind(target) : member;
    },
  });

  async function streaming(isOf: (owner: string) => boolean): Promise<StoredTurn[]> {
    const turns: StoredTurn[] = [];
    for (const [turnId, owner] of owners) {
      const stored = isOf(owner) ? await sqlite.findTurn(turnId) : undefined;
      if (stored?.answer.status === "streaming") turns.push(stored);
    }
    return turns;
  }
  const orphans = () => streaming((owner) => !replicas.has(owner));

  const cluster: ClusterStore = {
    async enter(replica) {
      if (replicas.has(replica.id)) return;
      replicas.set(replica.id, { ...replica, beat: 0, news: { announced: 0, reading: [] } });
    },
    async beat(self, news): Promise<Beat> {
      const row = replicas.get(self);
      if (row) Object.assign(row, { beat: row.beat + 1, news });
      const others = [...replicas.values()].filter(({ id }) => id !== self);
      const own = (await streaming((owner) => owner === self)).map(({ turnId }) => turnId);
      return {
        isAlive: row !== undefined,
        others: new Map(
          others.map(({ id, beat, news: { announced } }) => [id, { beat, announced }]),
        ),
        stops: own.filter((turnId) => stops.has(turnId)),
        read: own.filter((turnId) =>
          others.some(({ news: { reading } }) => reading.includes(turnId)),
        ),
        versions: { settings: (await sqlite.readSettings()).version, knowledge: 0 },
        hasOrphans: (await orphans()).length > 0,
      };
    },
    async bury(id, beat) {
      return replicas.get(id)?.beat === beat && replicas.delete(id);
    },
    async sweep() {
      let ended = 0;
      for (const { turnId, answer } of await orphans()) {
        const end = {
          content: answer.content,
          status: "interrupted",
          errorCode: "interrupted",
        } as const;
        if (await sqlite.finishTurn(turnId, outcome({ ...end, finishReason: undefined })))
          ended += 1;
      }
      return ended;
    },
    async requestStop(turnId) {
      stops.add(turnId);
    },
    listReplicas: async () =>
      [...replicas.values()].map(({ id, host, version, startedAt, beat }) => ({
        id,
        host,
        version,
        startedAt,
        beat,
      })),
    async leave(self) {
      replicas.delete(self);
    },
  };
  return { store, cluster };
}
