import type { Env } from "../../../src/config/setting-reader.ts";
import { Metrics } from "../../../src/metrics/metrics.ts";
import type { Bus } from "../../../src/peers/bus.ts";
import { createCluster } from "../../../src/peers/cluster.ts";
import { addressOf } from "../../../src/peers/owner.ts";
import { createPace } from "../../../src/peers/pace.ts";
import { createLogger } from "../../../src/runtime/logger.ts";
import type { ClusterStore } from "../../../src/store/cluster-store.ts";
import { createTestApp } from "../test-app.ts";
import type { SharedDatabase } from "./shared-store.ts";

/** Ten times as fast as in earnest, and slow enough for a busy machine. */
const TEST_PACE = createPace(100);

interface ReplicaOptions {
  readonly database: SharedDatabase;
  readonly bus: Bus;
  readonly modelUrl: string;
  readonly abandonedTurnGraceMs: number;
  /** Settings in the environment's form. */
  readonly env?: Env;
}

export type TestReplica = Awaited<ReturnType<typeof startReplica>>;

/** A whole app with its place among the replicas of a database. */
export async function startReplica({
  database,
  bus,
  modelUrl,
  abandonedTurnGraceMs,
  env = {},
}: ReplicaOptions) {
  const lines: string[] = [];
  const metrics = new Metrics();
  const log = createLogger({
    level: "debug",
    format: "json",
    secrets: () => [],
    write: (line) => lines.push(line),
    now: Date.now,
  });
  const gate = createGate(database.cluster);
  const peers = await createCluster({
    store: database.store,
    cluster: gate.cluster,
    bus,
    log,
    metrics,
    now: Date.now,
    pace: TEST_PACE,
  });
  const config = { turns: { abandonedTurnGraceMs } };
  const { fetch, chat, settings } = createTestApp({
    store: database.store,
    peers,
    modelUrl,
    config,
    env,
  });
  return {
    fetch,
    chat,
    settings,
    peers,
    lines,
    metrics: () => metrics.write(),
    address: addressOf(peers.self),
    /** The database does not hear this replica's beats any more, as if it were paused, until `resume`. */
    pause: () => gate.close(),
    resume: () => gate.open(),
    close: () => chat.drain(0),
  };
}

/** The cluster store, which answers no beat while it is closed. */
function createGate(cluster: ClusterStore) {
  let opened = Promise.withResolvers<void>();
  opened.resolve();
  const gated: ClusterStore = {
    ...cluster,
    async beat(self, news) {
      await opened.promise;
      return cluster.beat(self, news);
    },
  };
  return {
    cluster: gated,
    close: () => {
      opened = Promise.withResolvers();
    },
    open: () => opened.resolve(),
  };
}
