import { resolve } from "node:path";

import { startPostgres } from "../../harness/postgres.ts";
import { cpuMs, familyCpuMs } from "../../harness/proc.ts";
import { startRedis } from "../../harness/redis.ts";
import { type ServerProcess, startServer } from "../../harness/server-process.ts";
import { binary, productionSettings, type Target } from "./targets.ts";

/** Replicas that run, and what else they use. */
export interface RunningReplicas {
  readonly replicas: readonly ServerProcess[];
  readonly databaseCpuMs: () => number;
  readonly busCpuMs: () => number;
}

/** Some replicas on one PostgreSQL and one Redis, without a balancer: visitors are dealt out in turn. */
export interface ClusterTarget extends Target {
  /** Those that were started last. */
  readonly running: () => RunningReplicas;
}

/**
 * A target of so many replicas of the binary. Its server process stands for all replicas together: their time and
 * their memory are added up.
 */
export function clusterTarget(name: string, count: number, binaryPath: string): ClusterTarget {
  const one = binary(binaryPath);
  let running: RunningReplicas | undefined;
  return {
    ...one,
    name,
    running() {
      if (!running) throw new Error(`${name} does not run.`);
      return running;
    },
    async start({ modelUrl, folder }) {
      // It waits for the disk at every commit, as it does where answers matter.
      const [postgres, redis] = await Promise.all([startPostgres({ fsync: "on" }), startRedis()]);
      const shared = {
        DATABASE_URL: await postgres.createDatabase(),
        REDIS_URL: redis.url,
      };
      const replicas: ServerProcess[] = [];
      for (let number = 1; number <= count; number++) {
        replicas.push(
          await startServer({
            name: `replica ${number}`,
            command: () => [resolve(binaryPath)],
            env: (port) => ({ ...productionSettings(port, modelUrl), ...shared }),
            folder,
            readyPath: "/ready",
          }),
        );
      }
      running = {
        replicas,
        databaseCpuMs: () => familyCpuMs(postgres.pid),
        busCpuMs: () => cpuMs(redis.pid),
      };
      return together(name, replicas, async () => {
        await Promise.all(replicas.map((replica) => replica.stop()));
        await Promise.all([postgres.stop(), redis.stop()]);
      });
    },
  };
}

function together(
  name: string,
  replicas: readonly ServerProcess[],
  stop: () => Promise<void>,
): ServerProcess {
  const sum = (of: (replica: ServerProcess) => number) =>
    replicas.reduce((total, replica) => total + of(replica), 0);
  return {
    name,
    url: replicas[0]?.url ?? "",
    startMs: Math.max(...replicas.map(({ startMs }) => startMs)),
    cpuMs: () => sum((replica) => replica.cpuMs()),
    familyCpuMs: () => sum((replica) => replica.familyCpuMs()),
    waitMs: () => sum((replica) => replica.waitMs() ?? 0),
    memoryBytes: () => sum((replica) => replica.memoryBytes()),
    peakMemoryBytes: () => sum((replica) => replica.peakMemoryBytes()),
    resetPeak: () => {
      for (const replica of replicas) replica.resetPeak();
    },
    died: Promise.race(replicas.map(({ died }) => died)),
    stop,
    kill: async () => void (await Promise.all(replicas.map((replica) => replica.kill()))),
  };
}
